package definition

import (
	"bytes"
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Start is the body of a start request.
type Start struct {
	Initiator        *workflow.Initiator // MANUAL when the body names none
	RequestID        string
	RequestTime      int64 // 0 is now
	RuntimeTags      []workflow.Tag
	RunParams        *workflow.Params
	Artifacts        *workflow.Ordered[any]
	PersistFailedRun bool
	Config           *RunConfig // nil: the run has all steps
}

// RunConfig customises a run: the steps it begins with, ends with and skips.
type RunConfig struct{ Start, End, Skip []workflow.StepID }

// Action is the body of an action on something that runs; all of it is optional.
type Action struct{ Reason string }

// Restart is the body of an instance restart.
type Restart struct {
	Policy      string
	RequestID   string
	RequestTime int64
	RunParams   *workflow.Params
}

// StepRestart is the body of a step restart.
type StepRestart struct {
	Policy       string
	UpstreamMode string // "" is RestartFromStep
	RequestID    string
	RequestTime  int64
	StepParams   *workflow.Params
}

// Restart policies that users may name, and the modes of a step restart.
const (
	RestartFromIncomplete = "RESTART_FROM_INCOMPLETE"
	RestartFromBeginning  = "RESTART_FROM_BEGINNING"
	RestartFromStep       = "RESTART_FROM_STEP"
	RestartFromInlineRoot = "RESTART_FROM_INLINE_ROOT"
)

// Breakpoint is the body that sets a breakpoint; 0 matches all.
type Breakpoint struct {
	Workflow workflow.ID
	Step     workflow.StepID
	Version  int64
	Instance int64
	Run      int64
	Attempt  int64
}

// ParseStart reads a start request. It returns CodeInvalid with all faults.
func ParseStart(text []byte) (*Start, error) {
	return parse(text, JSON, func(v *document.Value) *Start {
		start := &Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}}
		startShape.Read(v, start)
		return start
	})
}

// ParseRestart reads an instance restart. It returns CodeInvalid with all faults.
func ParseRestart(text []byte) (*Restart, error) { return parse(text, JSON, shaped(restartShape)) }

// ParseStepRestart reads a step restart. It returns CodeInvalid with all faults.
func ParseStepRestart(text []byte) (*StepRestart, error) {
	return parse(text, JSON, shaped(stepRestartShape))
}

// ParseBreakpoint reads a breakpoint. It returns CodeInvalid with all faults.
func ParseBreakpoint(text []byte) (*Breakpoint, error) {
	return parse(text, JSON, shaped(breakpointShape))
}

// ParseAction reads the body of an action; an empty one says nothing. It returns CodeInvalid with all faults.
func ParseAction(text []byte) (*Action, error) {
	if len(bytes.TrimSpace(text)) == 0 {
		return &Action{}, nil
	}
	return parse(text, JSON, shaped(actionShape))
}

// ParseTag reads a property tag. It returns CodeInvalid with all faults.
func ParseTag(text []byte) (*workflow.Tag, error) {
	return parse(text, JSON, func(v *document.Value) *workflow.Tag { t := tag(v); return &t })
}

var startShape = &document.Shape[Start]{
	What: "a start request",
	Fields: map[string]func(*Start, *document.Value){
		"initiator":          func(s *Start, v *document.Value) { s.Initiator = initiator(v) },
		"request_id":         func(s *Start, v *document.Value) { s.RequestID = requestID(v) },
		"request_time":       func(s *Start, v *document.Value) { s.RequestTime = v.Int(0, maxTime) },
		"runtime_tags":       func(s *Start, v *document.Value) { s.RuntimeTags = tagList(v) },
		"run_params":         func(s *Start, v *document.Value) { s.RunParams = runParams(v) },
		"artifacts":          func(s *Start, v *document.Value) { s.Artifacts = bag(v) },
		"persist_failed_run": func(s *Start, v *document.Value) { s.PersistFailedRun = v.Flag() },
		"run_config": func(s *Start, v *document.Value) {
			s.Config = &RunConfig{}
			runConfigShape.Read(v, s.Config)
		},
	},
}

var runConfigShape = &document.Shape[RunConfig]{
	What: "a run config",
	Fields: map[string]func(*RunConfig, *document.Value){
		"start_step_ids": func(c *RunConfig, v *document.Value) { c.Start = v.Strings() },
		"end_step_ids":   func(c *RunConfig, v *document.Value) { c.End = v.Strings() },
		"skip_step_ids":  func(c *RunConfig, v *document.Value) { c.Skip = v.Strings() },
	},
}

var actionShape = &document.Shape[Action]{
	What:   "an action",
	Fields: map[string]func(*Action, *document.Value){"reason": func(a *Action, v *document.Value) { a.Reason = longText(v) }},
}

var policies = []string{RestartFromIncomplete, RestartFromBeginning}

var restartShape = &document.Shape[Restart]{
	What:     "a restart request",
	Required: []string{"restart_policy"},
	Fields: map[string]func(*Restart, *document.Value){
		"restart_policy": func(r *Restart, v *document.Value) { r.Policy = v.Enum(policies...) },
		"request_id":     func(r *Restart, v *document.Value) { r.RequestID = requestID(v) },
		"request_time":   func(r *Restart, v *document.Value) { r.RequestTime = v.Int(0, maxTime) },
		"run_params":     func(r *Restart, v *document.Value) { r.RunParams = runParams(v) },
	},
}

var stepRestartShape = &document.Shape[StepRestart]{
	What:     "a step restart request",
	Required: []string{"restart_policy"},
	Fields: map[string]func(*StepRestart, *document.Value){
		"restart_policy": func(r *StepRestart, v *document.Value) { r.Policy = v.Enum(policies...) },
		"upstream_restart_mode": func(r *StepRestart, v *document.Value) {
			r.UpstreamMode = v.Enum(RestartFromStep, RestartFromInlineRoot)
		},
		"request_id":      func(r *StepRestart, v *document.Value) { r.RequestID = requestID(v) },
		"request_time":    func(r *StepRestart, v *document.Value) { r.RequestTime = v.Int(0, maxTime) },
		"step_run_params": func(r *StepRestart, v *document.Value) { r.StepParams = runParams(v) },
	},
}

// maxCount bounds version, instance, run and attempt numbers.
const maxCount = 1 << 53

// breakpointShape takes the ids as they are: loop bodies have ids that the engine made.
var breakpointShape = &document.Shape[Breakpoint]{
	What:     "a breakpoint",
	Required: []string{"workflow_id", "step_id"},
	Fields: map[string]func(*Breakpoint, *document.Value){
		"workflow_id":          func(b *Breakpoint, v *document.Value) { b.Workflow = filledName(v) },
		"step_id":              func(b *Breakpoint, v *document.Value) { b.Step = filledName(v) },
		"workflow_version":     func(b *Breakpoint, v *document.Value) { b.Version = v.Int(0, maxCount) },
		"workflow_instance_id": func(b *Breakpoint, v *document.Value) { b.Instance = v.Int(0, maxCount) },
		"workflow_run":         func(b *Breakpoint, v *document.Value) { b.Run = v.Int(0, maxCount) },
		"step_attempt_id":      func(b *Breakpoint, v *document.Value) { b.Attempt = v.Int(0, maxCount) },
	},
}

var initiatorShape = &document.Shape[workflow.Initiator]{
	What:     "an initiator",
	Required: []string{"type"},
	Fields: map[string]func(*workflow.Initiator, *document.Value){
		"type": func(i *workflow.Initiator, v *document.Value) {
			i.Type = v.Enum(workflow.InitiatorManual, workflow.InitiatorTime, workflow.InitiatorSignal)
		},
		"user":         func(i *workflow.Initiator, v *document.Value) { i.User = user(v) },
		"trigger_uuid": func(i *workflow.Initiator, v *document.Value) { i.TriggerUUID = filledName(v) },
		"trigger_time": func(i *workflow.Initiator, v *document.Value) { i.TriggerTime = v.Int(0, maxTime) },
		"timezone":     func(i *workflow.Initiator, v *document.Value) { i.Timezone = timezone(v) },
		"signal_id_map": func(i *workflow.Initiator, v *document.Value) {
			i.SignalIDs = map[string]int64{}
			for field, item := range v.Map() {
				i.SignalIDs[field.Key] = item.Int(0, maxCount)
			}
		},
		"params": func(i *workflow.Initiator, v *document.Value) { i.Params = orNil(params(v, outputParam)) },
	},
}

func initiator(v *document.Value) *workflow.Initiator {
	i := &workflow.Initiator{}
	initiatorShape.Read(v, i)
	return i
}

// requestID reads the id that makes a request safe to repeat.
func requestID(v *document.Value) string {
	id := v.Str()
	if v.Kind == document.String {
		checkLength(v, workflow.MaxIDLength)
	}
	return id
}

// forbiddenNames would hide what expressions call the engine's own objects, in these three spellings.
var forbiddenNames = []string{"maestro", "scheduler", "util", "params"}

// identityNames carry identities that only the engine may state.
var identityNames = []string{"AUTH_BLOB", "AUTH_DATA", "AUTH_ACTING_ON_BEHALF_OF_BLOB",
	"AUTH_TRIGGERING_ON_BEHALF_OF_BLOB", "AUTHORIZED_MANAGERS"}

func runParams(v *document.Value) *workflow.Params {
	out := orNil(params(v, runParam))
	if out.Len() > workflow.MaxRunParams {
		v.Fault("found %d params, the limit is %d", out.Len(), workflow.MaxRunParams)
	}
	for field, item := range v.Map() {
		if forbiddenName(field.Key) {
			item.FaultAt(field.Position, "the name %s is the engine's own; want another", document.Quoted(field.Key))
		}
	}
	return out
}

func forbiddenName(name string) bool {
	for _, word := range forbiddenNames {
		if name == word || name == strings.ToUpper(word) || name == strings.ToUpper(word[:1])+word[1:] {
			return true
		}
	}
	return slices.Contains(identityNames, name)
}

// bag reads an object of the user's own making.
func bag(v *document.Value) *workflow.Ordered[any] {
	if !v.Is(document.Object) {
		return nil
	}
	return orNil(v.Any().(*workflow.Ordered[any]))
}
