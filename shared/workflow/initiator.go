package workflow

// Initiator types.
const (
	InitiatorManual      = "MANUAL"
	InitiatorTime        = "TIME"
	InitiatorSignal      = "SIGNAL"
	InitiatorSubworkflow = "SUBWORKFLOW"
	InitiatorForeach     = "FOREACH"
	InitiatorWhile       = "WHILE"
	InitiatorTemplate    = "TEMPLATE"
	InitiatorValidation  = "VALIDATION" // the dry run of a push
)

// Initiator says what started an instance.
type Initiator struct {
	Type        string           `json:"type"`
	User        *User            `json:"user,omitempty"`         // MANUAL
	TriggerUUID string           `json:"trigger_uuid,omitempty"` // TIME, SIGNAL
	TriggerTime int64            `json:"trigger_time,omitempty"` // TIME
	Timezone    string           `json:"timezone,omitempty"`     // TIME
	SignalIDs   map[string]int64 `json:"signal_id_map,omitempty"`
	Params      *Params          `json:"params,omitzero"`     // SIGNAL
	Ancestors   []Ancestor       `json:"ancestors,omitempty"` // root first; SUBWORKFLOW, FOREACH, WHILE
	Depth       int              `json:"depth,omitempty"`
}

// Ancestor is one level of nesting above an instance.
type Ancestor struct {
	Workflow ID     `json:"workflow_id"`
	Instance int64  `json:"instance_id"`
	Run      int64  `json:"run_id"`
	Step     StepID `json:"step_id"`
	Attempt  int64  `json:"step_attempt_id"`
	Sync     *bool  `json:"sync,omitempty"`
}

// Upstream tells whether another instance started this one.
func (i *Initiator) Upstream() bool { return len(i.Ancestors) > 0 }
