package cli

import (
	"fmt"
	"strings"

	"github.com/spf13/pflag"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/workflow"
)

// limits bound what an engine in this process does.
type limits struct {
	delivery   int64
	action     string
	iterations int64
	runtimes   []string
}

func (l *limits) flag(flags *pflag.FlagSet) {
	flags.Int64Var(&l.delivery, "delivery-limit", decide.DefaultDeliveryLimit, "failed deliveries after which an attempt is given up; a step's delivery_policy may say otherwise")
	flags.StringVar(&l.action, "delivery-action", string(workflow.DeliveryFail), "what happens to it then: fail sets it aside as a dead letter, drop goes on without the step")
	flags.Int64Var(&l.iterations, "max-iterations", workflow.MaxIterations, "iterations that one loop may have")
	flags.StringArrayVar(&l.runtimes, "concurrency", nil, "how many jobs of a step type execute at once, such as Http=50; repeat it for more")
}

// apply puts the limits into the settings.
func (l *limits) apply(settings *decide.Settings) error {
	settings.Delivery = workflow.Delivery{Limit: l.delivery, Action: workflow.DeliveryAction(l.action)}
	if err := settings.Delivery.Check(); err != nil {
		return usageError{workflow.TextOf(err)}
	}
	if settings.MaxIterations = l.iterations; l.iterations < 1 || l.iterations > decide.MaxIterationLimit {
		return usageError{fmt.Sprintf("--max-iterations %d is not from 1 to %d", l.iterations, decide.MaxIterationLimit)}
	}
	var err error
	if settings.Concurrency, err = decide.ParseConcurrency(strings.Join(l.runtimes, ",")); err != nil {
		return usageError{"--concurrency: " + workflow.TextOf(err)}
	}
	return nil
}
