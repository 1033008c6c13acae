package runtime

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// State is what a runtime says of its step.
type State uint8

const (
	Continue      State = iota // not done: call again
	Done                       // this stage is done: start is followed by execute, execute by finishing
	UserError                  // the user's code failed; retried within error_retry_limit
	PlatformError              // the platform failed; retried within platform_retry_limit
	FatalError                 // failed, and retrying is useless
	Stopped                    // terminated on demand
	TimedOut                   // ran out of time
)

// Call is everything a runtime may know of an attempt.
type Call struct {
	Key       workflow.AttemptKey // names the job: repeated calls carry the same key
	UUID      string              // of the attempt
	Step      *workflow.Step
	Params    *workflow.Params // evaluated
	Artifacts *workflow.Ordered[json.RawMessage]
	Started   time.Time // when the attempt entered STARTING
	Now       time.Time
	Failures  int64 // failed deliveries of this attempt so far

	// A job that is handed over answers with the token, which is good for this attempt only, at this address of
	// the API. Both are "" where nobody takes callbacks; the address is where the deployment does not know its own.
	Token, Callback string
}

// Result is what a call came to.
type Result struct {
	State     State
	Artifacts *workflow.Ordered[json.RawMessage] // merged by key
	Output    *workflow.Params                   // merged into the step's params when it finishes
	Timeline  []workflow.Event
	Poll      time.Duration // when Continue: call again after this long; 0 is DefaultPoll

	// Wait, when Continue, says that the job is handed over and will call back: nobody asks for it again, and
	// waiting costs nothing. Heartbeat is how long it may be silent before that is a platform error; 0: as long as
	// its time-out allows.
	Wait      bool
	Heartbeat time.Duration
}

// DefaultPoll is the pause between two calls of a running step.
const DefaultPoll = 3 * time.Second

// CallTimeout bounds one call of a runtime: longer work is started, then polled or called back.
const CallTimeout = 20 * time.Second

// Light is a runtime that leaves nothing outside the process. It must be a pure function.
type Light interface {
	Execute(call Call) Result
}

// Runtime is a runtime that acts on the world. An error of code unavailable means that the call is
// repeated; any other error ends the attempt as INTERNALLY_FAILED.
type Runtime interface {
	// Start begins the job. It returns Done when the job is begun.
	Start(ctx context.Context, call Call) (Result, error)
	// Execute looks after the job until it returns something else than Continue.
	Execute(ctx context.Context, call Call) (Result, error)
	// Terminate ends the job. It is called again until it returns Stopped.
	Terminate(ctx context.Context, call Call) (Result, error)
}

// Injector is implemented beside Light or Runtime by a type that gives params or tags to its steps before their params
// are evaluated. It is called once for each attempt, while the engine decides: it must be a pure function of the call,
// whose params, artifacts and start there are none of yet.
type Injector interface {
	Inject(call Call) Injection
}

// Injection is what a runtime gives to an attempt.
type Injection struct {
	Params *workflow.Params // source SYSTEM_INJECTED: above those of a job template, below those of the definition
	Tags   []workflow.Tag   // beside those of the step and of its job template; they limit it as those do
}

// Registry holds the runtimes by step type.
type Registry struct {
	light map[string]Light
	other map[string]Runtime
}

// AddLight registers a light runtime for a step type.
func (r *Registry) AddLight(stepType string, light Light) {
	if r.light == nil {
		r.light = map[string]Light{}
	}
	r.light[strings.ToUpper(stepType)] = light
}

// Add registers a runtime for a step type.
func (r *Registry) Add(stepType string, runtime Runtime) {
	if r.other == nil {
		r.other = map[string]Runtime{}
	}
	r.other[strings.ToUpper(stepType)] = runtime
}

// Light returns the light runtime of a type (workflow.Step.RuntimeType), if it has one.
func (r *Registry) Light(runtimeType string) (Light, bool) {
	light, ok := r.light[runtimeType]
	return light, ok
}

// Runtime returns the runtime of a type (workflow.Step.RuntimeType), if it has one.
func (r *Registry) Runtime(runtimeType string) (Runtime, bool) {
	runtime, ok := r.other[runtimeType]
	return runtime, ok
}

// Injector returns the runtime of a type (workflow.Step.RuntimeType), if it gives something to its steps.
func (r *Registry) Injector(runtimeType string) (Injector, bool) {
	if injector, ok := r.light[runtimeType].(Injector); ok {
		return injector, true
	}
	injector, ok := r.other[runtimeType].(Injector)
	return injector, ok
}

// Standard returns a registry of the runtimes that need no cloud.
func Standard() *Registry {
	r := &Registry{}
	r.AddLight("NoOp", NoOp{})
	r.AddLight("Join", NoOp{})
	r.AddLight("Sleep", Sleep{})
	r.Add("Echo", Echo{})
	return r
}
