// Command latency says how long orchestration takes on AWS, by a model: the engine runs on the memory adapters and on a
// clock of its own, which each call moves on by what it takes on AWS (log-normal, given by its median and p99).
//
//	go run ./test/latency     as make bench-aws and make bench do
//
// It measures a launch by hint (from the commit that makes a step ready to the call of its runtime, on a warm function),
// a chain of 250 external steps, how long a run that waits for another begins after that has ended (from commit to
// commit), and how long after a signal is announced the run that it starts is there. What AWS does side by side is done
// one after the other here, and the time of our own code is left out: it is less than a millisecond a step. The seed is
// fixed, so two runs print the same. It exits with 1 when a goal is missed.
package main

import (
	"context"
	"fmt"
	"math/rand/v2"
	"os"
	"slices"
	"time"
)

const (
	launches = 1000
	chains   = 20
	steps    = 250 // a workflow holds at most 300
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, "latency:", err)
		os.Exit(1)
	}
}

func run() error {
	ctx, random := context.Background(), rand.New(rand.NewPCG(1, 2))
	launched, err := measure(ctx, newWorld(random), chain("launch", 1), launches)
	if err != nil {
		return err
	}
	chained, err := measure(ctx, newWorld(random), chain("chain", steps), chains)
	if err != nil {
		return err
	}
	handed, err := relay(ctx, newWorld(random), chain("relay", 1), launches)
	if err != nil {
		return err
	}
	heard, err := announced(ctx, newWorld(random), chain("heard", 1), launches)
	if err != nil {
		return err
	}
	var launch, perStep []time.Duration
	for _, r := range launched {
		launch = append(launch, r.launch)
	}
	for _, r := range chained {
		perStep = append(perStep, r.total/steps)
	}
	missed := false
	fmt.Printf("%-44s %9s %9s %9s\n", "modelled on AWS", "p50", "p99", "goals")
	for _, row := range []struct {
		name     string
		of       []time.Duration
		p50, p99 time.Duration
	}{
		{"launch of a step by hint", launch, 45 * time.Millisecond, 170 * time.Millisecond},
		{"each step of a chain of 250 external steps", perStep, 7 * time.Millisecond, 7 * time.Millisecond},
		{"previous run ended, next queued run started", handed, 35 * time.Millisecond, 75 * time.Millisecond},
		{"signal announced, the run it starts is there", heard, 60 * time.Millisecond, 120 * time.Millisecond},
	} {
		p50, p99 := quantile(row.of, 50), quantile(row.of, 99)
		fmt.Printf("%-44s %7.1fms %7.1fms %d/%d ms\n", row.name, ms(p50), ms(p99), row.p50.Milliseconds(), row.p99.Milliseconds())
		missed = missed || p50 > row.p50 || p99 > row.p99
	}
	if missed {
		return fmt.Errorf("a goal is missed")
	}
	return nil
}

func ms(d time.Duration) float64 { return float64(d) / float64(time.Millisecond) }

func quantile(all []time.Duration, percent int) time.Duration {
	slices.Sort(all)
	return all[min(len(all)*percent/100, len(all)-1)]
}
