package main

import (
	"fmt"
	"strconv"

	"github.com/segue-workflows/segue/shared/wire"
)

// The most that the functions take.
const (
	maxDeliveryLimit  = 1000
	maxIterationLimit = 1_000_000
)

// limitsOf reads what bounds the engine, as variables of the functions. What is not chosen is left to them.
func limitsOf(text func(name, preset string) string) (map[string]string, error) {
	out := map[string]string{}
	if limit := text("deliveryLimit", ""); limit != "" {
		if n, err := strconv.Atoi(limit); err != nil || n < 1 || n > maxDeliveryLimit {
			return nil, fmt.Errorf("deliveryLimit %q: failed deliveries after which an attempt is given up, 1 to %d", limit, maxDeliveryLimit)
		}
		out[wire.DeliveryLimit] = limit
	}
	if limit := text("maxIterations", ""); limit != "" {
		if n, err := strconv.Atoi(limit); err != nil || n < 1 || n > maxIterationLimit {
			return nil, fmt.Errorf("maxIterations %q: iterations of one loop, 1 to %d", limit, maxIterationLimit)
		}
		out[wire.MaxIterations] = limit
	}
	if action := text("deliveryAction", ""); action != "" {
		if action != "fail" && action != "drop" {
			return nil, fmt.Errorf("deliveryAction %q: fail or drop", action)
		}
		out[wire.DeliveryAction] = action
	}
	return out, nil
}
