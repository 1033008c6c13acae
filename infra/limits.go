package main

import (
	"fmt"
	"regexp"
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
	if list := text("concurrency", ""); list != "" {
		if !concurrency.MatchString(list) {
			return nil, fmt.Errorf("concurrency %q: how many jobs of a step type execute at once, such as Http=50,Lambda=20", list)
		}
		out[wire.Concurrency] = list
	}
	return out, nil
}

var concurrency = regexp.MustCompile(`^[A-Za-z]+=[1-9][0-9]{0,3}(,[A-Za-z]+=[1-9][0-9]{0,3})*$`)

// leastAccount is the smallest account concurrency that has room for two batches of every queue, and for the API.
const leastAccount = 20

// share returns how many batches of a queue may be at work at once where all functions together must not exceed the
// account's concurrency (0: it does not matter), so that no receive is throttled: a tenth is left to the API.
func share(batches, account int) int {
	all := deadLetterRate
	for _, f := range functions {
		all += f.batches
	}
	room := account - account/10 - 2*len(functions)
	if account == 0 || all <= account-account/10 {
		return batches
	}
	return min(batches, 2+batches*max(room, 0)/all)
}
