package history_test

import (
	"context"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
	"github.com/segue-workflows/segue/test/history"
)

var strategies = []workflow.RunStrategy{
	{Rule: workflow.Sequential, Concurrency: 1},
	{Rule: workflow.StrictSequential, Concurrency: 1},
	{Rule: workflow.FirstOnly, Concurrency: 1},
	{Rule: workflow.LastOnly, Concurrency: 1},
	{Rule: workflow.Parallel, Concurrency: 5},
	{Rule: workflow.SerialLatestOnly, Concurrency: 1},
}

func TestStrategiesInMemory(t *testing.T) {
	t.Parallel()
	each(t, 150, func(*testing.T) store.Store { return memory.NewStore(time.Now) })
}

// each tells the history of every strategy.
func each(t *testing.T, starts int, open func(*testing.T) store.Store) {
	for _, rules := range strategies {
		t.Run(rules.Rule, func(t *testing.T) {
			t.Parallel()
			w, err := history.New(open(t), rules, starts)
			if err != nil {
				t.Fatal(err)
			}
			ctx, cancel := context.WithTimeout(context.Background(), 5*time.Minute+time.Duration(starts)*time.Second)
			defer cancel()
			began := time.Now()
			if err := w.Run(ctx); err != nil {
				t.Fatal(err)
			}
			for _, fault := range w.History.Check(rules) {
				t.Error(fault)
			}
			t.Logf("%d starts in %v", starts, time.Since(began).Round(time.Millisecond))
		})
	}
}

// scale is how many starts each strategy gets on a real table.
func scale(t *testing.T) int {
	text := os.Getenv("SEGUE_HISTORY_STARTS")
	if text == "" {
		return 40
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 {
		t.Fatalf("SEGUE_HISTORY_STARTS: %q", text)
	}
	return n
}

// tale makes a history of words: "ask a", "answer a 1", "refuse a 1", "call 1", "return 1", "fail 1", "unblock",
// "end 1 SUCCEEDED".
func tale(t *testing.T, text string) *history.History {
	t.Helper()
	h := &history.History{}
	for line := range strings.SplitSeq(text, ",") {
		words := append(strings.Fields(line), "", "")
		e := history.Event{}
		id := words[1]
		switch words[0] {
		case "ask":
			e.Kind, e.Request = history.Asked, words[1]
		case "answer", "refuse":
			e.Kind, e.Request, e.Refused, id = history.Answered, words[1], words[0] == "refuse", words[2]
		case "call":
			e.Kind = history.Called
		case "return", "fail":
			e.Kind, e.Failed = history.Returned, words[0] == "fail"
		case "unblock":
			e.Kind = history.Unblocked
		case "end":
			e.Kind, e.Status = history.Ended, workflow.InstanceStatus(words[2])
		}
		if e.Kind != history.Asked && e.Kind != history.Unblocked {
			n, err := strconv.ParseInt(id, 10, 64)
			if err != nil {
				t.Fatal(line)
			}
			e.Instance = n
		}
		h.Note(e)
	}
	return h
}

// The checker notices what no strategy allows: it would be worth nothing if it did not.
func TestTheCheckerNotices(t *testing.T) {
	t.Parallel()
	const two = "ask a, answer a 1, ask b, answer b 2, "
	tests := []struct {
		name, rule, tale string
		fault            string // "": none
	}{
		{"one after the other", workflow.Sequential, two + "call 1, return 1, call 2, return 2, end 1 SUCCEEDED, end 2 SUCCEEDED", ""},
		{"two at once", workflow.Sequential, two + "call 1, return 1, call 2, return 2, call 1, return 1, end 1 SUCCEEDED, end 2 SUCCEEDED", "executed together"},
		{"the wrong way round", workflow.Sequential, two + "call 2, return 2, call 1, return 1, end 1 SUCCEEDED, end 2 SUCCEEDED", "executed after"},
		{"one is forgotten", workflow.Sequential, two + "call 1, return 1, end 1 SUCCEEDED, end 2 CREATED", "never ended"},
		{"a request starts two", workflow.Parallel, "ask a, answer a 1, answer a 2, call 1, return 1, call 2, return 2, end 1 SUCCEEDED, end 2 SUCCEEDED", "started instances 1 and 2"},
		{"two requests start one", workflow.Parallel, "ask a, answer a 1, ask b, answer b 1, call 1, return 1, end 1 SUCCEEDED", "2 requests started 1"},
		{"no answer", workflow.Parallel, "ask a, answer a 1, ask b, call 1, return 1, end 1 SUCCEEDED", "never answered"},
		{"nobody asked", workflow.Parallel, "ask a, answer a 1, call 1, return 1, call 2, return 2, end 1 SUCCEEDED, end 2 SUCCEEDED", "is nobody's"},
		{"the numbers go back", workflow.Parallel, "ask a, answer a 2, ask b, answer b 1, call 1, return 1, call 2, return 2, end 1 SUCCEEDED, end 2 SUCCEEDED", "lower number"},
		{"past a failure", workflow.StrictSequential, two + "call 1, fail 1, call 2, return 2, end 1 FAILED, end 2 SUCCEEDED", "past the failure"},
		{"past a failure that is forgiven", workflow.StrictSequential, two + "call 1, fail 1, unblock, call 2, return 2, end 1 FAILED, end 2 SUCCEEDED", ""},
		{"refused for nobody", workflow.FirstOnly, "ask a, refuse a 1, end 1 STOPPED", "nobody's sake"},
		{"refused and executed", workflow.FirstOnly, "ask a, answer a 1, ask b, refuse b 2, call 1, return 1, call 2, return 2, end 1 SUCCEEDED, end 2 SUCCEEDED", "was refused"},
		{"refused", workflow.FirstOnly, "ask a, answer a 1, ask b, refuse b 2, call 1, return 1, end 1 SUCCEEDED, end 2 STOPPED", ""},
		{"the newest is stopped", workflow.LastOnly, two + "call 1, return 1, end 1 SUCCEEDED, end 2 STOPPED", "is the newest"},
		{"the newest stays", workflow.SerialLatestOnly, two + "call 2, return 2, end 1 STOPPED, end 2 SUCCEEDED", ""},
	}
	for _, tt := range tests {
		faults := strings.Join(tale(t, tt.tale).Check(workflow.RunStrategy{Rule: tt.rule, Concurrency: 5}), "; ")
		if tt.fault == "" && faults != "" || !strings.Contains(faults, tt.fault) {
			t.Errorf("%s under %s: %q, want %q", tt.name, tt.rule, faults, tt.fault)
		}
	}
}
