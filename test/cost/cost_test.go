package main

import (
	"math"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/price"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestDollars(t *testing.T) {
	t.Parallel()
	p, err := price.Load()
	if err != nil {
		t.Fatal(err)
	}
	if p.Source == "" {
		t.Error("the prices have no source")
	}
	for name, tt := range map[string]struct {
		bill price.Bill
		want float64
	}{
		"write units":    {price.Bill{Snapshot: meter.Snapshot{WriteUnits: 2}}, 1.25},
		"read units":     {price.Bill{Snapshot: meter.Snapshot{ReadUnits: 0.5}}, 0.0625},
		"queue requests": {price.Bill{Snapshot: meter.Snapshot{QueueRequests: 3}}, 1.20},
		"invocations":    {price.Bill{Invocations: 1}, 0.20},
		"time":           {price.Bill{Busy: time.Millisecond}, 0.00333335},
	} {
		if got := p.Dollars(tt.bill); math.Abs(got-tt.want) > 1e-9 {
			t.Errorf("a million %s cost %v, want %v", name, got, tt.want)
		}
	}
}

func TestKindOf(t *testing.T) {
	t.Parallel()
	run := workflow.RunKey{Workflow: "w", Instance: 1, Run: 1}
	for want, key := range map[string]store.Key{
		"head": record.HeadKey("w"), "version": record.VersionKey("w", 1), "properties": record.PropertiesKey("w", 1),
		"commit": record.CommitKey(run, 1), "request": record.RequestKey("w", "r"), "wake": record.WakeItem(run, time.Unix(0, 0)).Key,
		"breakpoint": record.BreakpointKey("w", "s", "x"), "other": record.TickKey(),
	} {
		if got := kindOf(key); want != "other" && got != want {
			t.Errorf("%v is a %s, want a %s", key, got, want)
		}
	}
}

// steadyTime is the time of invocations that a leaf step is charged with at most in a test: above what the shapes with a
// bar take on a machine that does nothing else. More says what other tests this one does meanwhile; the program itself
// holds a shape against all that it took.
const steadyTime = 70 * time.Millisecond

// undisturbed skips a test under the race detector, which slows the program down so much that calls are given up and made
// again, and races are lost that nobody would lose: what is counted then is not what a shape costs.
func undisturbed(t *testing.T) {
	t.Helper()
	if raceEnabled {
		t.Skip("costs are not measured under the race detector")
	}
}

// TestShapesBelowTheirBars measures few instances of the shapes that are below their bars, so that they stay there.
func TestShapesBelowTheirBars(t *testing.T) {
	undisturbed(t)
	p, err := price.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, instances := range map[string]int{"chain of 10 NoOp": 10, "diamond 1-18-1, external": 4, "300 wide, external": 1,
		"1 external, request id, in tens": 300, "1 external, in tens": 300} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := find(t, name)
			s.instances = instances
			r, err := s.measure()
			if err != nil {
				t.Fatal(err)
			}
			r.bill.Busy = min(r.bill.Busy, time.Duration(r.leaves)*steadyTime)
			if r.tooDear(p) || r.bill.WriteUnits == 0 || r.leaves != instances*len(s.body(s.kind).Steps) {
				t.Errorf("%s%s", r.row(p), r.calls(p))
			}
		})
	}
}

// most is what one may write, in units, and send.
type most struct{ writes, requests float64 }

// TestWhatAStartWrites: each run strategy has its price in write units and queue requests, idle and busy, and it does not
// creep up.
func TestWhatAStartWrites(t *testing.T) {
	idle := most{7, 3}
	bars := map[string]most{ // of a start, its step and its end
		"SEQUENTIAL, idle": idle, "STRICT_SEQUENTIAL, idle": idle, "FIRST_ONLY, idle": idle, "LAST_ONLY, idle": idle, "PARALLEL, idle": idle, "SERIAL_LATEST_ONLY, idle": idle,
		"SEQUENTIAL, busy": {9, 3.2}, "STRICT_SEQUENTIAL, busy": {9, 3.2}, "FIRST_ONLY, busy": {3.5, 0.3}, "LAST_ONLY, busy": {10, 1.5},
		"PARALLEL, busy": {10, 3}, "SERIAL_LATEST_ONLY, busy": {7.5, 0.5},
	}
	for _, s := range starts() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			s.instances = 20
			r, err := s.measure()
			if err != nil {
				t.Fatal(err)
			}
			bar, known := bars[s.name]
			w, q := float64(r.bill.WriteUnits)/float64(r.leaves), float64(r.bill.QueueRequests)/float64(r.leaves)
			if !known || w > bar.writes || w < bar.writes/2 || q > bar.requests {
				t.Errorf("a start writes %.2f units (at most %.2f) and makes %.2f requests (at most %.2f)", w, bar.writes, q, bar.requests)
			}
		})
	}
}

// TestWhatASignalWrites: two units and one for each shape, and no more than its bar where it starts a run.
func TestWhatASignalWrites(t *testing.T) {
	for _, s := range signalLoads {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			const announced = 10
			bill, err := s.measure(announced)
			if err != nil {
				t.Fatal(err)
			}
			if w := float64(bill.WriteUnits) / announced; w > s.writes || !s.starts && w != float64(2+s.shapes) {
				t.Errorf("a signal writes %.2f units, %.2f were expected", w, s.writes)
			}
		})
	}
}

// TestTheCeilingFollowsFromTheHead: ten starts in one write of the head are ten times as many as one.
func TestTheCeilingFollowsFromTheHead(t *testing.T) {
	t.Parallel()
	one := result{shape: shape{instances: 100}, leaves: 100, head: meter.Snapshot{WriteUnits: 100, Calls: 100}}
	ten := result{shape: shape{instances: 100}, leaves: 100, head: meter.Snapshot{WriteUnits: 20, Calls: 10}}
	if units, time := one.ceiling(); units != 1000 || math.Round(time) != 59 {
		t.Errorf("singly %v and %v", units, time)
	}
	if units, time := ten.ceiling(); units != 5000 || math.Round(time) != 588 {
		t.Errorf("in tens %v and %v", units, time)
	}
}

func find(t *testing.T, name string) shape {
	t.Helper()
	for _, s := range shapes {
		if s.name == name {
			return s
		}
	}
	t.Fatalf("there is no shape %q", name)
	return shape{}
}

// TestIdle: the lines of an idle month are those of the stack.
func TestIdle(t *testing.T) {
	t.Parallel()
	p, err := price.Load()
	if err != nil {
		t.Fatal(err)
	}
	core, observability, err := idle(p, "../../infra/testdata/Segue.template.json")
	if err != nil {
		t.Fatal(err)
	}
	if got := sum(core); got < 1 || got > 2.5 {
		t.Errorf("an idle month costs %.2f", got)
	}
	if !strings.HasPrefix(core[0].what, "5 polled queues") || sum(observability) <= 0 {
		t.Errorf("the lines are %v and %v", core, observability)
	}
}
