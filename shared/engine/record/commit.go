package record

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Commit is one entry of a run's log.
type Commit struct {
	Header  *Header   `json:"h,omitempty"` // in commit 1 only
	Root    bool      `json:"r,omitempty"` // the run is over, and no step started it: no header is needed to give its place away
	State   *State    `json:"s"`
	Note    *Note     `json:"n,omitempty"` // when the run's timeline changed
	Details []*Detail `json:"d,omitempty"` // of the attempts that changed
}

// Header is what a run is from its first moment to its last.
type Header struct {
	Link          *Link                               `json:"up,omitempty"` // of an instance that a step started
	Own           *workflow.Params                    `json:"own,omitzero"` // of an iteration: the values of its loop, and what a restart says
	Version       int64                               `json:"version,omitempty"`
	UUID          string                              `json:"uuid,omitempty"` // the request id
	InternalID    int64                               `json:"internal,omitempty"`
	CorrelationID string                              `json:"correlation,omitempty"`
	Initiator     *workflow.Initiator                 `json:"initiator,omitempty"`
	Restart       *Restart                            `json:"restart,omitempty"`
	Config        *RunConfig                          `json:"config,omitempty"`
	Policy        string                              `json:"policy"`
	Properties    *workflow.Properties                `json:"properties,omitempty"` // as they were when the run was created
	RequestTime   int64                               `json:"request_time"`
	Params        *workflow.Params                    `json:"params,omitzero"` // evaluated
	RunParams     *workflow.Params                    `json:"run_params,omitzero"`
	StepRunParams *workflow.Ordered[*workflow.Params] `json:"step_run_params,omitzero"`
	RuntimeTags   []workflow.Tag                      `json:"runtime_tags,omitempty"`
	Artifacts     *workflow.Ordered[json.RawMessage]  `json:"artifacts,omitzero"`
	Interrupted   bool                                `json:"interrupted,omitempty"` // the start died before it was answered; the client may try again
	Timeout       int64                               `json:"timeout"`               // milliseconds from the begin of the run
}

// Stored returns the header as the first commit holds it. That of an iteration leaves out what follows from the
// run of its parent, which the link names: a loop over many small bodies pays for what differs.
func (h *Header) Stored() *Header {
	if h.Link == nil || !h.Link.Inline {
		return h
	}
	return &Header{Link: h.Link, Own: h.Own, Policy: h.Policy, Restart: h.Restart, RequestTime: h.RequestTime,
		StepRunParams: h.StepRunParams, Interrupted: h.Interrupted, Timeout: h.Timeout}
}

// Inline tells whether the run is an iteration of a loop.
func (h *Header) Inline() bool { return h.Link != nil && h.Link.Inline }

// Restart says who restarted an instance, and how.
type Restart struct {
	By            *workflow.User    `json:"by"`
	Policy        string            `json:"policy,omitempty"` // of this run, where a step restarts it
	Path          []Hop             `json:"path,omitempty"`   // the instances below on the way to what the user meant, the next one first
	Final         string            `json:"final,omitempty"`  // the policy of the last one
	Step          workflow.StepID   `json:"step,omitempty"`   // of a restart from one step
	SkipSteps     []workflow.StepID `json:"skip_steps,omitempty"`
	Downstream    string            `json:"downstream_policy,omitempty"`
	RestartParams *workflow.Params  `json:"restart_params,omitzero"`

	StepParams *workflow.Ordered[*workflow.Params] `json:"step_restart_params,omitzero"` // of the last instance
}

// Descend returns how the instance is restarted to which the path leads next; nil at its end.
func (r *Restart) Descend() *Restart {
	if r == nil || len(r.Path) == 0 {
		return nil
	}
	next := *r
	next.Step, next.Path, next.Policy = r.Path[0].Step, r.Path[1:], "RESTART_FROM_SPECIFIC"
	if next.Step == "" {
		next.Policy = r.Final
	}
	return &next
}

// Again returns the restart of the instance to which the path leads next; nil at its end.
func (r *Restart) Again() *Again {
	if r == nil || len(r.Path) == 0 {
		return nil
	}
	return &Again{Iteration: r.Path[0].Instance, Restart: r.Descend()}
}

// Hop is one instance on the way to the one that a user restarted.
type Hop struct {
	Workflow workflow.ID     `json:"workflow_id"`
	Instance int64           `json:"instance_id"`
	Step     workflow.StepID `json:"step_id,omitempty"` // the step of it that leads further, or that the user meant
}

// RunConfig customises a run: which steps it starts with, ends with and skips.
type RunConfig struct {
	StartSteps []workflow.StepID `json:"start_step_ids,omitempty"`
	EndSteps   []workflow.StepID `json:"end_step_ids,omitempty"`
	SkipSteps  []workflow.StepID `json:"skip_step_ids,omitempty"`
}

// Note is the run's own timeline.
type Note struct {
	Timeline workflow.Timeline `json:"t"`
}

// Detail is what one attempt has beyond its place in the state.
type Detail struct {
	Ordinal  int               `json:"o"`
	Attempt  int64             `json:"a"`
	Prev     int64             `json:"v,omitempty"`  // the commit of the detail of the attempt before
	ParamsAt int64             `json:"pa,omitempty"` // the commit that holds the params; 0: they are here
	Params   *workflow.Params  `json:"p,omitzero"`   // evaluated
	Given    *workflow.Params  `json:"gp,omitzero"`  // by who restarted the step in this run
	Moves    []Move            `json:"m"`            // all status changes of the attempt
	Fresh    int               `json:"f"`            // how many of the moves this commit made
	Timeline workflow.Timeline `json:"t,omitempty"`
	Tags     []workflow.Tag    `json:"g,omitempty"`
	Timeout  int64             `json:"d,omitempty"`  // milliseconds
	Failures int64             `json:"df,omitempty"` // failed deliveries, for who reads the attempt when the step has a newer one
	Aside    bool              `json:"dl,omitempty"` // it was set aside: its delivery limit is reached

	Artifacts *workflow.Ordered[json.RawMessage] `json:"r,omitzero"`
	Output    *workflow.Params                   `json:"u,omitzero"`   // what the job reported so far, for when it succeeds
	Signals   []Dependency                       `json:"sd,omitempty"` // that the attempt waits for
	Announces []Announcement                     `json:"so,omitempty"` // signals that it sends when it is done
	Loop      *workflow.Params                   `json:"w,omitzero"`   // of a while step: the values for its newest iteration

	// Home is the commit that holds the params, once the detail is read or written. It is not stored.
	Home int64 `json:"-"`
}

// Move is one change of an attempt's status.
type Move struct {
	To workflow.StepStatus
	At int64 // epoch milliseconds
}

// MarshalJSON writes [status, time].
func (m Move) MarshalJSON() ([]byte, error) { return json.Marshal([2]int64{int64(m.To), m.At}) }

// UnmarshalJSON reads [status, time].
func (m *Move) UnmarshalJSON(data []byte) error {
	var pair [2]int64
	if err := json.Unmarshal(data, &pair); err != nil {
		return err
	}
	if !validStatus(pair[0]) {
		return workflow.Errorf(workflow.CodeInternal, "move to an unknown status")
	}
	*m = Move{workflow.StepStatus(pair[0]), pair[1]}
	return nil
}

// Clone returns a copy whose slices may be appended to.
func (d *Detail) Clone() *Detail {
	out := *d
	out.Moves = append([]Move(nil), d.Moves...)
	out.Timeline = append(workflow.Timeline(nil), d.Timeline...)
	if d.Artifacts != nil {
		out.Artifacts = d.Artifacts.Clone()
	}
	return &out
}

// Encode writes the body of an item.
func Encode(body any) []byte {
	data, err := json.Marshal(body)
	if err != nil {
		panic("record: a body of ours does not marshal: " + err.Error())
	}
	return data
}

// Decode reads the body of an item. It fails with CodeInternal: a stored item is never the user's fault.
func Decode[T any](what string, data []byte) (*T, error) {
	out := new(T)
	if err := json.Unmarshal(data, out); err != nil {
		return nil, workflow.Errorf(workflow.CodeInternal, "%s cannot be read: %w", what, err)
	}
	return out, nil
}

// Request remembers which instance a client's request id started.
type Request struct {
	Instance int64 `json:"i"`
	Run      int64 `json:"r"`
}

// Tick is the place of the sweep.
type Tick struct {
	Generation int64 `json:"g"`
	At         int64 `json:"t"` // when the newest sweep began, epoch milliseconds
}

// Snapshot is one numbered state of the properties of a workflow.
type Snapshot struct {
	Author     string               `json:"author"`
	CreateTime int64                `json:"create_time"`
	Properties *workflow.Properties `json:"properties"`
}

// TimelineNote is one line of a workflow's timeline.
type TimelineNote struct {
	Author string          `json:"author"`
	Log    string          `json:"log"`
	At     int64           `json:"timestamp"`
	Change *WorkflowChange `json:"change,omitempty"` // for programs; nil when nothing but the line is told
}
