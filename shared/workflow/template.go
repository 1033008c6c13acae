package workflow

// JobTemplate is a kind of job that operators define once: steps name it as their sub type and get its params.
type JobTemplate struct {
	Owner         *User
	Status        string
	Support       string
	TestWorkflows []string
	GitInfo       *GitInfo
	Extras        *Ordered[any] // every other key of the body
	Definition    JobDefinition
}

// JobDefinition is what a job template gives to steps.
type JobDefinition struct {
	JobType     string           `json:"job_type"`
	StepType    string           `json:"step_type"` // canonical case
	Version     string           `json:"version"`
	Description string           `json:"description,omitempty"`
	Tags        []Tag            `json:"tags,omitempty"`
	InheritFrom *Ordered[string] `json:"inherit_from,omitzero"` // job type to version
	Params      *Params          `json:"params,omitzero"`
}

// MarshalJSON writes the extras beside the known keys.
func (j *JobTemplate) MarshalJSON() ([]byte, error) {
	var doc Ordered[any]
	if j.Owner != nil {
		doc.Set("owner", j.Owner)
	}
	setText(&doc, "status", j.Status)
	setText(&doc, "support", j.Support)
	if len(j.TestWorkflows) > 0 {
		doc.Set("test_workflows", j.TestWorkflows)
	}
	if j.GitInfo != nil {
		doc.Set("git_info", j.GitInfo)
	}
	for key, value := range j.Extras.All() {
		doc.Set(key, value)
	}
	doc.Set("definition", &j.Definition)
	return doc.MarshalJSON()
}
