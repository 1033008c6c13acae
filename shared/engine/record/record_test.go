package record_test

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

func drawStep(t *rapid.T, base int64) record.Step {
	at := func(name string) int64 {
		if rapid.Bool().Draw(t, "has "+name) {
			return max(base+rapid.Int64Range(-5, 1<<40).Draw(t, name), 1)
		}
		return 0
	}
	s := record.Step{
		Status:  rapid.SampledFrom(workflow.StepStatuses()).Draw(t, "status"),
		Attempt: rapid.Int64Range(0, 200).Draw(t, "attempt"), Detail: rapid.Int64Range(0, 1000).Draw(t, "detail"),
		Start: at("start"), End: at("end"), Due: at("due"), Deadline: at("deadline"), Claim: at("claim"),
		Failures: rapid.Int64Range(0, 20).Draw(t, "failures"),
		Ending:   rapid.SampledFrom(workflow.StepStatuses()).Draw(t, "ending"),
		Home:     rapid.Int64Range(0, 9).Draw(t, "home"),
		Part:     record.Part(rapid.IntRange(0, 3).Draw(t, "part")),
	}
	for i := range s.Retries {
		s.Retries[i] = rapid.Int64Range(0, 99).Draw(t, "retries")
	}
	if refused := rapid.SliceOfN(rapid.Int64Range(0, 300), 0, 3).Draw(t, "refused"); len(refused) > 0 {
		s.Refused = refused
	}
	return s
}

// What is packed is what is unpacked, whatever stands in a state.
func TestAStateReadsBackAsItWasWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		base := rapid.Int64Range(1, 4e12).Draw(t, "created")
		want := &record.State{
			Status: rapid.SampledFrom(workflow.InstanceStatuses).Draw(t, "run"), Created: base, Start: base + 1, End: 0,
			Deadline: rapid.Int64Range(0, 4e12).Draw(t, "deadline"), Halted: rapid.Bool().Draw(t, "halted"),
			Look: rapid.Int64Range(0, 4e12).Draw(t, "look"), Note: rapid.Int64Range(0, 99).Draw(t, "note"), Steps: []record.Step{}}
		if rapid.Bool().Draw(t, "ends") {
			want.Ending = workflow.InstanceTimedOut
		}
		for range rapid.IntRange(0, 6).Draw(t, "steps") {
			want.Steps = append(want.Steps, drawStep(t, base))
		}
		got, err := record.Decode[record.State]("state", record.Encode(want))
		if err != nil || !reflect.DeepEqual(got, want) {
			t.Fatalf("%v\ngot  %+v\nwant %+v\nwire %s", err, got, want, record.Encode(want))
		}
	})
}

func TestKeysAreReadAsTheyWereWritten(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		key := workflow.RunKey{Workflow: rapid.StringMatching(`[A-Za-z0-9_][A-Za-z0-9_.\-]{0,20}`).Draw(t, "workflow"),
			Instance: rapid.Int64Range(1, 1<<40).Draw(t, "instance"), Run: rapid.Int64Range(1, 999_999).Draw(t, "run")}
		n := rapid.Int64Range(1, 99_999_999).Draw(t, "commit")
		if got, m, ok := record.ParseCommitKey(record.CommitKey(key, n)); !ok || got != key || m != n {
			t.Fatalf("commit %v %d reads as %v %d", key, n, got, m)
		}
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0).UTC()
		if got, when, err := record.ParseWake(record.WakeItem(key, at)); err != nil || len(got) != 1 || got[0] != key || !when.Equal(at) {
			t.Fatalf("wake %v %v reads as %v %v: %v", key, at, got, when, err)
		}
	})
}

// Runs that share wake items are all named, once, and nobody else's item has the same key.
func TestWakeItemsNameAllTheirRuns(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var keys []workflow.RunKey
		for i := range rapid.IntRange(1, 3*record.MaxWoken).Draw(t, "runs") {
			keys = append(keys, workflow.RunKey{Workflow: "w", Instance: int64(i + 1), Run: 1})
		}
		at := time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "at"), 0).UTC()
		var got []workflow.RunKey
		for _, item := range record.WakeItems(keys, at) {
			runs, when, err := record.ParseWake(item)
			if err != nil || !when.Equal(at) || len(runs) > record.MaxWoken {
				t.Fatalf("%v reads as %v %v: %v", item.Key, runs, when, err)
			}
			got = append(got, runs...)
		}
		if !slices.Equal(got, keys) {
			t.Fatalf("%v are read as %v", keys, got)
		}
		if some := record.WakeItems(keys[:len(keys)-1], at); len(keys)%record.MaxWoken > 1 && some != nil {
			last := record.WakeItems(keys, at)
			if some[len(some)-1].Key == last[len(last)-1].Key {
				t.Fatalf("items with different runs have the key %v", some[len(some)-1].Key)
			}
		}
	})
}

// The order of the keys is the order of the commits, and the last commit of an instance is that of its last run.
func TestCommitsSortByRunAndNumber(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) (int64, int64, string) {
			run, n := rapid.Int64Range(1, 999_999).Draw(t, "run "+name), rapid.Int64Range(1, 99_999_999).Draw(t, "commit "+name)
			return run, n, record.CommitKey(workflow.RunKey{Workflow: "w", Instance: 1, Run: run}, n).Sort
		}
		runA, a, keyA := draw("a")
		runB, b, keyB := draw("b")
		if (runA < runB || runA == runB && a < b) != (keyA < keyB) {
			t.Fatalf("%d/%d and %d/%d sort as %s and %s", runA, a, runB, b, keyA, keyB)
		}
	})
}

// Whatever stands in an item: it is read, or refused as ours to explain; it never panics.
func FuzzItems(f *testing.F) {
	f.Add([]byte(`{"s":{"s":"IN_PROGRESS","c":1,"p":[[13,1,1],[0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,0,3]]},"d":[{"o":0,"a":1,"m":[[1,5]],"f":1}]}`))
	f.Add([]byte(`{"h":{"params":{"x":{"type":"LONG","value":1}}},"s":{"p":[[99]]}}`))
	f.Add([]byte(`{"queued":{"s":[[1,5]],"r":[[2,3]]},"running":[[1,1]],"pending":[{"q":"r","r":[1,1]}]}`))
	f.Add([]byte(`[`))
	f.Fuzz(func(t *testing.T, body []byte) {
		errs := map[string]error{}
		_, errs["commit"] = record.Decode[record.Commit]("commit", body)
		_, errs["head"] = record.Decode[strategy.Head]("head", body)
		_, errs["tick"] = record.Decode[record.Tick]("tick", body)
		_, errs["request"] = record.Decode[record.Request]("request", body)
		_, errs["properties"] = record.Decode[record.Snapshot]("properties", body)
		for what, err := range errs {
			if code := workflow.CodeOf(err); err != nil && code != workflow.CodeInternal {
				t.Errorf("%s: code %q: %v", what, code, err)
			}
		}
	})
}
