package sim

import (
	"fmt"
	"math/rand/v2"

	"github.com/segue-workflows/segue/shared/workflow"
)

// jobType is the step type whose runtime the world outside plays.
const jobType = "Echo"

// drawWorkflow draws a definition of 3 to 40 steps.
// Without the sweep nothing may wait longer than a hint can be delayed: soon asks for that.
func drawWorkflow(random *rand.Rand, soon bool) *workflow.Workflow {
	n := 3 + random.IntN(8)
	if random.IntN(8) == 0 {
		n = 3 + random.IntN(38)
	}
	w := &workflow.Workflow{ID: "wf", Steps: make([]*workflow.Step, n)}
	for i := range w.Steps {
		w.Steps[i] = drawStep(random, i, soon)
		for edges := drawEdges(random, i); edges > 0; edges-- {
			before := w.Steps[max(0, i-1-random.IntN(4))]
			before.Transition.Successors.Set(w.Steps[i].ID, drawCondition(random))
		}
	}
	if random.IntN(4) == 0 {
		w.Timeout = number(int64(5 + random.IntN(60)))
	}
	return w
}

func drawEdges(random *rand.Rand, i int) int {
	switch {
	case i == 0 || random.IntN(4) == 0:
		return 0
	case random.IntN(3) == 0:
		return 2 + random.IntN(2)
	}
	return 1
}

func drawCondition(random *rand.Rand) string {
	switch random.IntN(20) {
	case 0, 1:
		return "false"
	case 2:
		return "2 > 1"
	case 3:
		return "1 > 2"
	case 4:
		if random.IntN(10) == 0 {
			return "no_such_param > 1"
		}
	}
	return "true"
}

func number(n int64) *workflow.ParsableLong { return &workflow.ParsableLong{Number: n} }

func drawStep(random *rand.Rand, i int, soon bool) *workflow.Step {
	s := &workflow.Step{Kind: workflow.KindStep, ID: fmt.Sprintf("s%d", i), Type: jobType}
	s.Transition.Successors = &workflow.Ordered[string]{}
	switch random.IntN(10) {
	case 0, 1:
		s.Type = "NoOp"
	case 2:
		s.Type = "Sleep"
		s.Params = &workflow.Params{}
		s.Params.Set("sleep_seconds", workflow.Literal(random.IntN(12)))
		if random.IntN(5) == 0 && !soon {
			s.Params.Set("sleep_seconds", workflow.Literal(60+random.IntN(60)))
		}
	case 3:
		if random.IntN(20) == 0 {
			s.Type = "Titus" // has no runtime
		}
	}
	if random.IntN(80) == 0 {
		s.Params = &workflow.Params{}
		s.Params.Set("broken", &workflow.Param{Type: workflow.Long, Expression: "no_such_param + 1", HasExpr: true})
	}
	modes := []workflow.FailureMode{"", workflow.FailAfterRunning, workflow.FailImmediately, workflow.FailImmediately, workflow.IgnoreFailure}
	s.FailureMode = modes[random.IntN(len(modes))]
	if random.IntN(3) == 0 {
		s.Timeout = number(int64(1 + random.IntN(20)))
	} else if random.IntN(60) == 0 {
		s.Timeout = &workflow.ParsableLong{Text: "${no_such_param}", IsText: true}
	}
	s.RetryPolicy = drawRetries(random, soon)
	return s
}

func drawRetries(random *rand.Rand, soon bool) *workflow.RetryPolicy {
	backoff := &workflow.Backoff{Type: workflow.FixedBackoff}
	for _, field := range []**workflow.ParsableLong{&backoff.ErrorBackoff, &backoff.PlatformBackoff, &backoff.TimeoutBackoff} {
		*field = number(int64(1 + random.IntN(5)))
		if random.IntN(4) == 0 && !soon {
			*field = number(int64(20 + random.IntN(60)))
		}
	}
	return &workflow.RetryPolicy{ErrorRetryLimit: number(int64(random.IntN(3))), PlatformRetryLimit: number(int64(random.IntN(4))),
		TimeoutRetryLimit: number(int64(random.IntN(4))), Backoff: backoff}
}

var rules = []string{workflow.Sequential, workflow.Sequential, workflow.Parallel, workflow.Parallel, workflow.Parallel,
	workflow.StrictSequential, workflow.FirstOnly, workflow.LastOnly, workflow.SerialLatestOnly}

func drawStrategy(random *rand.Rand) workflow.RunStrategy {
	out := workflow.RunStrategy{Rule: rules[random.IntN(len(rules))], Concurrency: 1}
	if out.Rule == workflow.Parallel {
		out.Concurrency = int64(1 + random.IntN(3))
	}
	return out
}
