package boot

import (
	"fmt"
	"strconv"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// iterationsOf returns how many iterations a loop may have; 0 where nothing is said of it.
func iterationsOf(getenv func(string) string) (int64, error) {
	text := getenv(wire.MaxIterations)
	if text == "" {
		return 0, nil
	}
	n, err := strconv.ParseInt(text, 10, 64)
	if err != nil || n < 1 || n > decide.MaxIterationLimit {
		return 0, fmt.Errorf("boot: %s: a number from 1 to %d", wire.MaxIterations, decide.MaxIterationLimit)
	}
	return n, nil
}

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
