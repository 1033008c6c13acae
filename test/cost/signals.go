package main

import (
	"context"
	"fmt"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/engine/board"
	"github.com/segue-workflows/segue/shared/engine/hint"
	use "github.com/segue-workflows/segue/shared/engine/signal"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/price"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// signals is a load of signals of one name, announced one after the other by a topic's messages.
type signals struct {
	name   string
	shapes int  // ways in which signals of the name are looked up
	starts bool // each starts a run with one external step
	writes float64
}

// signalLoads are the loads of signals to be priced, with their bars of write units: two for each signal and one for each
// shape, and what a start takes on top.
var signalLoads = []signals{
	{name: "signal, nobody listened", writes: 2},
	{name: "signal, 1 shape, no match", shapes: 1, writes: 3},
	{name: "signal, 3 shapes, no match", shapes: 3, writes: 5},
	{name: "signal, 1 shape, starts a run", shapes: 1, starts: true, writes: 14},
}

// measure announces so many signals, and lets what they start run to its end.
func (s signals) measure(announced int) (price.Bill, error) {
	ctx := context.Background()
	w := newWorld()
	body := chain(1)("Echo")
	listens := &use.Signals{Trigger: &trigger.Trigger{Loop: w.loop(), NewID: w.trigger.NewID, Parallel: w.trigger.Parallel}}
	w.handlers[hint.Trigger] = each(listens.Handle)
	if s.starts {
		wanted := &workflow.Ordered[*workflow.MatchParam]{}
		wanted.Set("p0", &workflow.MatchParam{Value: "x", Operator: signal.Equal})
		definitions := &workflow.Ordered[*workflow.SignalMatch]{}
		definitions.Set("a", &workflow.SignalMatch{MatchParams: wanted})
		body.SignalTriggers = []workflow.SignalTrigger{{Definitions: definitions}}
	}
	if err := w.push(body, parallel); err != nil {
		return price.Bill{}, err
	}
	if err := listens.Reconcile(ctx, body.ID); err != nil {
		return price.Bill{}, err
	}
	params := signal.Params{}
	for n := range s.shapes {
		name := fmt.Sprint("p", n)
		params[name] = "x"
		shape := signal.Shape{Equal: []string{name}}
		if err := (&board.Board{Store: w.items}).Ensure(ctx, "a", shape, shape); err != nil {
			return price.Bill{}, err
		}
	}
	w.charge()
	for n := range announced {
		params["n"] = int64(n)
		began := time.Now()
		if _, err := listens.Announce(ctx, &signal.Instance{Name: "a", Identity: fmt.Sprint(n), Params: params}); err != nil {
			return price.Bill{}, err
		}
		w.ledger.invoked(time.Since(began))
		if err := w.drain(); err != nil {
			return price.Bill{}, err
		}
	}
	bill := w.ledger.total()
	if s.starts {
		return bill, w.check(body.ID, announced, false)
	}
	return bill, nil
}

// pricedSignals measures the loads of signals and prints a row of each. It returns the names of those above their bars.
func pricedSignals(p price.List, only string) (dear []string, err error) {
	const announced = 200
	fmt.Print("\nDollars per million signals, without what brings them; W at most.\n\n")
	for _, s := range signalLoads {
		if !strings.Contains(s.name, only) {
			continue
		}
		bill, err := s.measure(announced)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", s.name, err)
		}
		fmt.Printf("%-32s W %.2f of %.2f, R %.2f, Q %.2f, $/M %.2f\n", s.name, float64(bill.WriteUnits)/announced, s.writes,
			bill.ReadUnits/announced, float64(bill.QueueRequests)/announced, p.Dollars(bill)/announced)
		if float64(bill.WriteUnits) > s.writes*announced {
			dear = append(dear, s.name)
		}
	}
	return dear, nil
}
