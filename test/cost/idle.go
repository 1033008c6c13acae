package main

import (
	"context"
	"fmt"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/segue-workflows/segue/localstack/template"
	"github.com/segue-workflows/segue/shared/engine/evaluate"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/price"
	"github.com/segue-workflows/segue/shared/wire"
)

// line is one line of an idle month's bill.
type line struct {
	what    string
	dollars float64
}

// idle returns what a month costs in which nothing happens: what the stack needs, and what watches it.
func idle(p price.List, path string) (core, observability []line, err error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return nil, nil, err
	}
	stack, err := template.Parse(data)
	if err != nil {
		return nil, nil, err
	}
	count, polled := map[string]int{}, 0.0
	for _, resource := range stack.Resources {
		count[resource.Type]++
		if resource.Type == "AWS::Lambda::EventSourceMapping" && resource.Properties["StartingPosition"] == nil {
			polled++ // a queue has no position to start from; a stream has, and Lambda reads it for nothing
		}
	}
	receives := p.Idle.Receives * p.Idle.Minutes
	sweeps := p.Idle.Minutes * time.Minute.Seconds() / evaluate.SweepEvery.Seconds()
	sweep, err := sweepBill()
	if err != nil {
		return nil, nil, err
	}
	seeds := p.Idle.Minutes * float64(count["AWS::Scheduler::Schedule"])
	seed := price.Bill{Invocations: 1} // receive, delete, and a look at the generation
	seed.QueueRequests, seed.ReadUnits = 2, 1
	core = []line{
		{fmt.Sprintf("%.0f polled queues, %.0f empty receives each", polled, receives), polled * receives / 1e6 * p.PerMillion.QueueRequest},
		{fmt.Sprintf("sweep every %v: %.0f, %d W, %.0f R, %d Q, %.0f GB-ms each", evaluate.SweepEvery, sweeps, sweep.WriteUnits, sweep.ReadUnits,
			sweep.QueueRequests, 1000*sweep.GBSeconds()), sweeps / 1e6 * p.Dollars(sweep)},
		{fmt.Sprintf("its schedule each minute: %.0f", seeds), seeds / 1e6 * (p.PerMillion.Schedule + p.Dollars(seed))},
		{"the table's stream, which Lambda reads", 0},
		{"table without items, key of AWS, no secrets, HTTP API without calls", 0},
	}
	metrics := float64(len(customMetrics(stack)))
	lines := (sweeps + seeds) * p.Idle.LogBytes / (1 << 30)
	observability = []line{
		{fmt.Sprintf("%d alarms", count["AWS::CloudWatch::Alarm"]), float64(count["AWS::CloudWatch::Alarm"]) * p.PerMonth.Alarm},
		{fmt.Sprintf("%.0f metrics of our own", metrics), metrics * p.PerMonth.Metric},
		{fmt.Sprintf("%d dashboards", count["AWS::CloudWatch::Dashboard"]), float64(count["AWS::CloudWatch::Dashboard"]) * p.PerMonth.Dashboard},
		{fmt.Sprintf("a log line for each batch: %.2f GB", lines), lines * p.PerMonth.LogGB},
	}
	return core, observability, nil
}

// customMetrics returns the metrics of our own that the stack looks at, wherever it names them.
func customMetrics(stack *template.Template) []string {
	var out []string
	var search func(value any)
	search = func(value any) {
		switch v := value.(type) {
		case []any:
			for _, element := range v {
				search(element)
			}
		case map[string]any:
			if name, ok := v["MetricName"].(string); ok && v["Namespace"] == wire.Namespace && !slices.Contains(out, name) {
				out = append(out, name)
			}
			for _, element := range v {
				search(element)
			}
		}
	}
	for _, resource := range stack.Resources {
		search(resource.Properties)
	}
	return out
}

// sweepBill is what one sweep costs that finds nothing, from its receive to the one that it sends itself.
func sweepBill() (price.Bill, error) {
	w := newWorld()
	// The first sweep begins the chain. The one that it sends itself is the one to price.
	if err := w.sweep(hint.Message{Kind: hint.Sweep}); err != nil {
		return price.Bill{}, err
	}
	w.charge()
	w.ledger.busy, w.ledger.invocations = 0, 0
	began := time.Now()
	err := w.sweep(hint.Message{Kind: hint.Sweep, Generation: 1})
	w.ledger.invoked(time.Since(began))
	out := w.ledger.total()
	out.QueueRequests += 2 // it is received and deleted
	if out.ReadUnits == 0 {
		return price.Bill{}, fmt.Errorf("the sweep did not look")
	}
	return out, err
}

func (w *world) sweep(m hint.Message) error {
	use := &evaluate.Evaluate{Loop: w.loop(), Parallel: 16} // as the function does it
	return use.Handle(context.Background(), m)
}

func sum(lines []line) (total float64) {
	for _, l := range lines {
		total += l.dollars
	}
	return total
}

func writeLines(out *strings.Builder, title string, lines []line) {
	fmt.Fprintf(out, "  %-72s %6.2f\n", title, sum(lines))
	for _, l := range lines {
		fmt.Fprintf(out, "    %-70s %6.2f\n", l.what, l.dollars)
	}
}
