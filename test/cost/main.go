package main

import (
	"flag"
	"fmt"
	"os"
	"strings"

	"github.com/segue-workflows/segue/shared/price"
)

func main() {
	stack := flag.String("template", "infra/testdata/Segue.template.json", "the stack")
	quick := flag.Bool("quick", false, "fewer instances of each shape")
	only := flag.String("only", "", "only shapes with this in their name")
	flag.Parse()
	if err := run(*stack, *only, *quick); err != nil {
		fmt.Fprintln(os.Stderr, "cost:", err)
		os.Exit(1)
	}
}

func run(stack, only string, quick bool) error {
	p, err := price.Load()
	if err != nil {
		return err
	}
	fmt.Printf("Dollars per million leaf steps. Beside them: Step Functions Standard %.2f, Lambda durable functions %.2f.\n"+
		"Per step: W write units, R read units, Q queue requests, L invocations, GB-ms.\n\n", p.PerMillion.StepFunctions, p.PerMillion.Durable)
	measured, dear, err := rows(p, shapes, only, quick, true)
	if err != nil {
		return err
	}
	fmt.Printf("\nDollars per million starts of an instance with one external step, each with a request id: the start, the step and " +
		"what follows from the end.\n\n")
	_, more, err := rows(p, starts(), only, quick, false)
	if err != nil {
		return err
	}
	dear = append(dear, more...)
	if more, err = pricedSignals(p, only); err != nil {
		return err
	}
	dear = append(dear, more...)
	ceilings(measured)
	fmt.Println("\nDollars per month in which nothing happens")
	core, observability, err := idle(p, stack)
	if err != nil {
		return err
	}
	var out strings.Builder
	writeLines(&out, "core", core)
	writeLines(&out, "observability, as the template has it", observability)
	fmt.Print(out.String())
	if len(dear) > 0 {
		return fmt.Errorf("above the bar: %s", strings.Join(dear, "; "))
	}
	return nil
}

// rows measures shapes and prints a row of each, detailed: with the calls that cost most. It returns the results, and
// the names of those above their bars.
func rows(p price.List, shapes []shape, only string, quick, detailed bool) (measured []result, dear []string, err error) {
	fmt.Printf("%-32s %6s %6s %6s %6s %6s %6s %6s %6s %9s\n", "", "W", "R", "Q", "L", "GB-ms", "$/M", "bar", "goal", "of SFN")
	for _, s := range shapes {
		if !strings.Contains(s.name, only) {
			continue
		}
		if quick {
			s.instances = max(s.batch, s.instances/10)
		}
		r, err := s.measure()
		if err != nil {
			return nil, nil, err
		}
		measured = append(measured, r)
		fmt.Print(r.row(p))
		if detailed {
			fmt.Print(r.calls(p))
		}
		if r.tooDear(p) {
			dear = append(dear, s.name)
		}
	}
	return measured, dear, nil
}

// perMillion is the price of a million leaf steps.
func (r result) perMillion(p price.List) float64 { return p.Dollars(r.bill) / float64(r.leaves) }

// tooDear tells whether the shape is above one of its bars.
func (r result) tooDear(p price.List) bool {
	n := float64(r.leaves)
	requests := float64(r.bill.QueueRequests) / n
	if r.kind == called {
		requests-- // a job's report is a message of its own
	}
	return r.bar > 0 && r.perMillion(p) > r.bar || r.writes > 0 && float64(r.bill.WriteUnits) > r.writes*n || r.requests > 0 && requests > r.requests
}

// row is the figures of a shape.
func (r result) row(p price.List) string {
	n, price := float64(r.leaves), r.perMillion(p)
	limit := func(v float64) string {
		if v == 0 {
			return "-"
		}
		return fmt.Sprintf("%.2f", v)
	}
	return fmt.Sprintf("%-32s %6.2f %6.2f %6.2f %6.2f %6.2f %6.2f %6s %6s %8.1f%%\n", r.name, float64(r.bill.WriteUnits)/n, r.bill.ReadUnits/n,
		float64(r.bill.QueueRequests)/n, float64(r.bill.Invocations)/n, r.bill.GBSeconds()*1000/n, price, limit(r.bar), limit(r.goal),
		100*price/p.PerMillion.StepFunctions)
}

// calls is the calls that cost most.
func (r result) calls(p price.List) (text string) {
	n, price := float64(r.leaves), r.perMillion(p)
	for _, i := range r.items {
		if share := i.dollars / n; share >= price/50 { // what is less holds nothing back
			text += fmt.Sprintf("    $%.2f %s (%.2f a step)\n", share, i.label, float64(i.calls)/n)
		}
	}
	return text
}
