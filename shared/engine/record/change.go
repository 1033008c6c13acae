package record

// WorkflowChange is what a line of a workflow's timeline tells programs: what was changed, and the versions that were
// active after and before it.
type WorkflowChange struct {
	Number   int64  `json:"number"`             // of the change among those of the workflow: 1, 2, …
	Name     string `json:"name,omitempty"`     // of the workflow, with a version that was pushed
	Version  int64  `json:"version,omitempty"`  // that was pushed
	Snapshot int64  `json:"snapshot,omitempty"` // of the properties, when they changed
	Active   int64  `json:"active,omitempty"`
	Previous int64  `json:"previous,omitempty"`
	Internal int64  `json:"internal,omitempty"`
	Deleted  bool   `json:"deleted,omitempty"`
}
