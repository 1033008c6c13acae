package decide

import (
	"context"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/dag"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Definition is a version made ready to run. It is immutable.
type Definition struct {
	Version *workflow.Version
	Graph   *dag.Graph
	Steps   []*workflow.Step // by ordinal

	incoming [][]incoming
	types    []string // runtime types by ordinal
	bodies   []body   // of loops, by ordinal
}

// body is the definition of the iterations of a loop, made when the first one asks.
type body struct {
	once sync.Once
	def  *Definition
	err  error
}

// Body returns the definition of the iterations of the loop that is step i.
func (d *Definition) Body(i int) (*Definition, error) {
	if i < 0 || i >= len(d.Steps) || len(d.Steps[i].Steps) == 0 {
		return nil, workflow.Errorf(workflow.CodeInternal, "step %d of %s is no loop", i, d.Version.Workflow.ID)
	}
	b := &d.bodies[i]
	b.once.Do(func() {
		version, inline := *d.Version, *d.Version.Workflow
		inline.Steps, inline.Params, inline.Timeout, version.Workflow = d.Steps[i].Steps, nil, nil, &inline
		b.def, b.err = Compile(&version)
	})
	return b.def, b.err
}

// incoming is an edge as its target sees it.
type incoming struct {
	from int // ordinal of the predecessor
	out  int // the edge's place among the predecessor's outgoing ones
}

// Compile makes a version ready to run. It returns CodeInvalid for a graph that has a cycle.
func Compile(version *workflow.Version) (*Definition, error) {
	steps := version.Workflow.Steps
	graph, err := dag.Build(steps)
	if err != nil {
		return nil, err
	}
	d := &Definition{Version: version, Graph: graph, Steps: steps, incoming: make([][]incoming, len(steps)),
		types: make([]string, len(steps)), bodies: make([]body, len(steps))}
	for i, step := range steps {
		d.types[i] = step.RuntimeType()
	}
	for from := range graph.Steps {
		for out, edge := range graph.Steps[from].Out {
			d.incoming[edge.To] = append(d.incoming[edge.To], incoming{from, out})
		}
	}
	return d, nil
}

// light returns the runtime of step i, when it is a light one.
func (d *Definition) light(settings Settings, i int) (runtime.Light, bool) {
	return settings.Runtimes.Light(d.types[i])
}

// Run is a run as it was loaded.
type Run struct {
	Key        workflow.RunKey
	Commits    int64 // how many there are; 0 before the first is put
	Header     *record.Header
	State      *record.State
	Definition *Definition
}

// DetailAt returns where the detail of step i is: in which commit of which run of the instance.
func (r *Run) DetailAt(i int) (workflow.RunKey, int64) { return detailAt(r.Key, &r.State.Steps[i]) }

func detailAt(key workflow.RunKey, step *record.Step) (workflow.RunKey, int64) {
	if step.Home != 0 {
		key.Run = step.Home
	}
	return key, step.Detail
}

// Facts loads what a decision needs to know beyond the run's last commit.
type Facts interface {
	Logged
	Signals
}

// Logged loads what earlier commits of a run hold. It never changes, so it may be cached for good.
type Logged interface {
	// Detail returns the detail of a step, with its params, from commit n.
	Detail(ctx context.Context, run workflow.RunKey, n int64, ordinal int) (*record.Detail, error)
	// Breakpoints returns the breakpoints of a workflow; they may be a few seconds old.
	Breakpoints(ctx context.Context, wf workflow.ID) ([]Breakpoint, error)
	// Limited tells whether a tag has a configured limit; the answer may be a few seconds old.
	Limited(ctx context.Context, tag string) (bool, error)
	// Kept returns what an earlier attempt of the loop that is step ordinal left of a block of its iterations.
	Kept(ctx context.Context, run workflow.RunKey, ordinal int, base record.Base, block int64) (*record.Progress, error)
	// Timeline returns the run's timeline from commit n; nothing for n = 0.
	Timeline(ctx context.Context, run workflow.RunKey, n int64) (workflow.Timeline, error)
}

// Settings are the deployment's choices.
type Settings struct {
	Runtimes      *runtime.Registry
	Params        param.Runtime
	Delivery      workflow.Delivery // of steps that state none
	Concurrency   Concurrency       // of jobs
	ClaimTime     time.Duration     // how long a claim holds
	TurnSteps     int               // light steps in one turn; the run goes on in the next
	MaxIterations int64             // of one loop; at most MaxIterationLimit
	Retention     time.Duration     // how long a run is kept after its deadline
}

// Defaults of the settings.
const (
	DefaultDeliveryLimit = 20 // failed deliveries, after which an attempt is given up
	DefaultClaimTime     = 30 * time.Second
	DefaultTurnSteps     = 200
	MaxIterationLimit    = 1_000_000 // a loop's values are params of one step, so no larger one can be written down
)

// WithDefaults fills what is not set.
func (s Settings) WithDefaults() Settings {
	if s.Runtimes == nil {
		s.Runtimes = runtime.Standard()
	}
	if s.Delivery.Limit == 0 {
		s.Delivery.Limit = DefaultDeliveryLimit
	}
	if s.Delivery.Action == "" {
		s.Delivery.Action = workflow.DeliveryFail
	}
	if s.ClaimTime == 0 {
		s.ClaimTime = DefaultClaimTime
	}
	if s.MaxIterations == 0 {
		s.MaxIterations = workflow.MaxIterations
	}
	if s.Retention == 0 {
		s.Retention = DefaultRetention
	}
	if s.TurnSteps == 0 {
		s.TurnSteps = DefaultTurnSteps
	}
	return s
}
