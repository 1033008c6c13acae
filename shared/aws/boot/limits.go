package boot

import (
	"fmt"
	"strconv"

	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// deliveryOf returns the delivery policy of steps that state none.
func deliveryOf(getenv func(string) string) (workflow.Delivery, error) {
	out := workflow.Delivery{Action: workflow.DeliveryAction(getenv(wire.DeliveryAction))}
	if text := getenv(wire.DeliveryLimit); text != "" {
		n, err := strconv.ParseInt(text, 10, 64)
		if err != nil {
			return out, fmt.Errorf("boot: %s is no integer", wire.DeliveryLimit)
		}
		out.Limit = n
	}
	if err := out.Check(); err != nil {
		return out, fmt.Errorf("boot: %s, %s: %w", wire.DeliveryLimit, wire.DeliveryAction, err)
	}
	return out, nil
}
