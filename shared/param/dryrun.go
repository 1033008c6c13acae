package param

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// DryRun does at push what the first run would do: merges and evaluates workflow params, merges the params
// of top-level steps, and compiles every expression. It returns CodeInvalid with one detail line per fault.
func DryRun(ctx context.Context, request *workflow.Request, runtime Runtime, now time.Time) error {
	return workflow.Errorf(workflow.CodeInternal, "not ready")
}

// Problem is one expression that cannot work.
type Problem struct {
	Path string // as in "steps.job_1.params.date"
	Text string
}

// Check finds expressions that do not compile and names that no param in scope has.
func Check(request *workflow.Request) []Problem { return nil }
