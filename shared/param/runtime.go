package param

import (
	"context"
	"hash/fnv"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Runtime is what the deployment adds to every evaluation. The zero value is a plain deployment.
type Runtime struct {
	Compat      bool   // do as Maestro does where Segue fixed a quirk
	Validators  bool   // evaluate validators as boolean expressions
	Environment string // answer of params.getExecutionEnvironment
	Separator   string // between step id and param name; "" is "__"

	UniqueID func() int64   // nil: params.nextUniqueId fails
	Random   func() float64 // nil: Math.random fails
	UUID     func() string  // nil: UUID.randomUUID fails

	WorkflowDefaults *workflow.Params            // configured defaults of every workflow
	StepDefaults     *workflow.Params            // configured defaults of every step
	TypeDefaults     map[string]*workflow.Params // configured defaults by runtime type, upper case

	// Template finds what the job template that a step names gives it, in a workflow with params; nil: there are no
	// templates.
	Template func(ctx context.Context, step *workflow.Step, params *workflow.Params) (*Template, error)

	// Hooks of features that look beyond the run. A nil hook makes its function fail with a clear error.
	ForeachParam     func(ctx context.Context, foreach, step, name string) (any, error)
	SubworkflowParam func(ctx context.Context, step, child, name string) (any, error)
	SignalParam      func(ctx context.Context, signal, name string) (any, error)      // of the signal that started the run
	DependencyParam  func(ctx context.Context, index int64, name string) (any, error) // of the step's matched dependency
}

// Template is what a job template gives to a step.
type Template struct {
	Params *workflow.Params
	Tags   []workflow.Tag

	Written *workflow.Params // the params as the template and its parents have them, without any value of a workflow
	Authors []string         // who wrote the template and its parents
}

// WithChance returns r with the functions that need chance, where it has none: random numbers in [0, 1), and new
// unique ids.
func (r Runtime) WithChance(random func() float64, newID func() string) Runtime {
	if r.Random == nil {
		r.Random = random
	}
	if r.UUID == nil {
		r.UUID = newID
	}
	if r.UniqueID == nil {
		r.UniqueID = func() int64 {
			sum := fnv.New64a()
			sum.Write([]byte(newID()))
			return max(int64(sum.Sum64()>>1), 1)
		}
	}
	return r
}

// Finished is a step as later steps may see it.
type Finished struct {
	Params   *workflow.Params // evaluated
	Status   workflow.StepStatus
	EndTime  int64 // epoch milliseconds
	Complete bool  // only then are the params visible
}

// Upstream finds the latest attempt of a step that ran before; false when there is no such step.
type Upstream func(stepID string) (Finished, bool, error)

// Identity names one attempt and what its functions may ask of it.
type Identity struct {
	workflow.AttemptKey
	StepInstanceID int64
	StepUUID       string
	StepType       string // params.getFromStep("step_type_info")
	ErrorRetries   int64  // so far
}

// Scope is what conditions and texts of one step see. For the texts of a workflow leave Identity.Step,
// Params and Upstream empty.
type Scope struct {
	Identity  Identity
	Initiator *workflow.Initiator
	RunPolicy string
	Params    *workflow.Params // the step's, evaluated
	Workflow  *workflow.Params // evaluated
	Upstream  Upstream         // nil: no step ran before
	Now       time.Time        // the run's own time
	Runtime   Runtime
}
