// Package hint is what messages say: "look at this key". They carry keys and never state, so a lost or
// doubled one is harmless. It imports the nouns only.
package hint

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Queues by the name of the function that they feed.
const (
	Trigger  = "trigger"
	Evaluate = "evaluate"
	Dispatch = "dispatch"
	Rollup   = "rollup"
)

// Queues lists all.
var Queues = []string{Trigger, Evaluate, Dispatch, Rollup}

// Kinds of messages.
const (
	Run   = "run"   // to evaluate: look at the run
	Steps = "steps" // to dispatch: call the runtimes of these steps
	Ended = "ended" // to rollup: a run ended; give its place to the next, and tell the step that waits for it

	Children = "children" // to evaluate: look after instances that a step of the run starts
	Sweep    = "sweep"    // to evaluate: look at what is due
	Due      = "due"      // to trigger: look at the time triggers of the workflow

	Signal    = "signal"    // to trigger: a signal was announced; look who waits for it
	Subscribe = "subscribe" // to trigger: bring the triggers of a workflow in step with its active version
)

// Reasons, for people.
const (
	ReasonStart    = "start"
	ReasonReady    = "ready"
	ReasonTimer    = "timer"
	ReasonRecover  = "recover"
	ReasonContinue = "continue"
	ReasonAction   = "action"
	ReasonSignal   = "signal"
)

// MaxHops is how often a hint may follow from a hint without anything having changed. Then it is dropped:
// what remains is the sweep.
const MaxHops = 50

// Message is one hint.
type Message struct {
	Kind       string          `json:"k"`
	Run        workflow.RunKey `json:"run,omitzero"`
	Steps      [][2]int64      `json:"steps,omitempty"` // ordinal and attempt
	From       int64           `json:"from,omitempty"`  // Children: the first iteration
	To         int64           `json:"to,omitempty"`    // and the last
	Commit     int64           `json:"n,omitempty"`     // Ended: the commit in which the run ended; Steps: the one that is likely the last; 0: read which
	More       [][3]int64      `json:"more,omitempty"`  // Ended: other runs of the workflow that ended: instance, run and commit
	Generation int64           `json:"g,omitempty"`     // of the sweep
	Signal     string          `json:"sig,omitempty"`   // the name of a signal
	Seq        int64           `json:"seq,omitempty"`   // and its number
	Identity   string          `json:"id,omitempty"`    // in place of the number: of a signal that may have been announced
	Workflow   workflow.ID     `json:"wf,omitempty"`    // Subscribe
	Reason     string          `json:"z,omitempty"`
	Hops       int             `json:"h,omitempty"` // hints in a row that changed nothing

	// Again is set by the host when the queue delivers the message once more: an earlier delivery may have died
	// anywhere. It is not part of the message.
	Again bool `json:"-"`
}

// Repairs tells whether whoever handles the message repeats what follows from the state as it is: the message comes
// again, and an earlier delivery may have died before it sent that. A repair that comes again does not: a queue that
// delivers each message ten times would make ten of each and ten of each of those, until the runs drown in them.
func (m Message) Repairs() bool { return m.Again && m.Hops == 0 }

// Encode writes the body of a message.
func (m Message) Encode() []byte {
	data, err := json.Marshal(m)
	if err != nil {
		panic("hint: a message of ours does not marshal: " + err.Error())
	}
	return data
}

// Decode reads the body of a message. It returns CodeInvalid for anything that is no hint.
func Decode(body []byte) (Message, error) {
	var m Message
	if err := json.Unmarshal(body, &m); err != nil {
		return m, workflow.Errorf(workflow.CodeInvalid, "a message that is no hint: %w", err)
	}
	switch m.Kind {
	case Run, Steps, Ended, Children:
		if m.Run.Workflow == "" || m.Run.Instance <= 0 || m.Run.Run <= 0 {
			return m, workflow.Errorf(workflow.CodeInvalid, "a hint of kind %q without a run", m.Kind)
		}
		if m.Kind == Children && len(m.Steps) != 1 {
			return m, workflow.Errorf(workflow.CodeInvalid, "a hint of kind %q without a step", m.Kind)
		}
	case Due:
		if m.Run.Workflow == "" {
			return m, workflow.Errorf(workflow.CodeInvalid, "a hint of kind %q without a workflow", m.Kind)
		}
	case Signal:
		if m.Signal == "" || m.Seq <= 0 && m.Identity == "" {
			return m, workflow.Errorf(workflow.CodeInvalid, "a hint of kind %q without a signal", m.Kind)
		}
	case Subscribe:
		if m.Workflow == "" {
			return m, workflow.Errorf(workflow.CodeInvalid, "a hint of kind %q without a workflow", m.Kind)
		}
	case Sweep:
	default:
		return m, workflow.Errorf(workflow.CodeInvalid, "a hint of the unknown kind %q", m.Kind)
	}
	return m, nil
}
