package cli

import (
	"github.com/spf13/pflag"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/workflow"
)

// limits bound what an engine in this process does.
type limits struct {
	delivery int64
	action   string
}

func (l *limits) flag(flags *pflag.FlagSet) {
	flags.Int64Var(&l.delivery, "delivery-limit", decide.DefaultDeliveryLimit, "failed deliveries after which an attempt is given up; a step's delivery_policy may say otherwise")
	flags.StringVar(&l.action, "delivery-action", string(workflow.DeliveryFail), "what happens to it then: fail sets it aside as a dead letter, drop goes on without the step")
}

// apply puts the limits into the settings.
func (l *limits) apply(settings *decide.Settings) error {
	settings.Delivery = workflow.Delivery{Limit: l.delivery, Action: workflow.DeliveryAction(l.action)}
	if err := settings.Delivery.Check(); err != nil {
		return usageError{workflow.TextOf(err)}
	}
	return nil
}
