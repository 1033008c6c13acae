package strategy_test

import (
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// model is what each rule promises, without heads and items: who runs, who waits, who was turned away.
type model struct {
	rule             string
	limit            int
	running, waiting []int64
	failed           map[int64]bool
}

func (m *model) start(id int64) (outcome strategy.Outcome, evicted []int64) {
	open := len(m.running) + len(m.waiting)
	switch m.rule {
	case workflow.FirstOnly:
		if open > 0 {
			return strategy.Refused, nil
		}
	case workflow.LastOnly:
		evicted = append(slices.Clone(m.waiting), m.running...)
		m.waiting = nil
	case workflow.SerialLatestOnly:
		evicted, m.waiting = m.waiting, nil
	}
	m.waiting = append(m.waiting, id)
	if m.begin(); slices.Contains(m.running, id) {
		return strategy.Runs, evicted
	}
	return strategy.Waits, evicted
}

func (m *model) begin() (began []int64) {
	for len(m.waiting) > 0 && len(m.running) < m.limit && !(m.rule == workflow.StrictSequential && len(m.failed) > 0) {
		began = append(began, m.waiting[0])
		m.running, m.waiting = append(m.running, m.waiting[0]), m.waiting[1:]
	}
	return began
}

var rules = []string{workflow.Sequential, workflow.StrictSequential, workflow.FirstOnly, workflow.LastOnly,
	workflow.Parallel, workflow.SerialLatestOnly}

// Whatever starts, ends, fails and is unblocked, the head does what the model says.
func TestEveryRuleDoesWhatItsModelSays(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule, func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { compare(t, rule) }) })
	}
}

func compare(t *rapid.T, rule string) {
	limit := 1
	if rule == workflow.Parallel {
		limit = rapid.IntRange(1, 4).Draw(t, "limit")
	}
	m := &model{rule: rule, limit: limit, failed: map[int64]bool{}}
	head := &strategy.Head{Next: 1, Strategy: workflow.RunStrategy{Rule: rule, Concurrency: int64(limit)}}
	t.Repeat(map[string]func(*rapid.T){
		"start": func(t *rapid.T) {
			id := head.Next
			verdicts, err := strategy.Admit(head, make([]strategy.Start, 1), 1)
			if err != nil {
				t.Fatal(err)
			}
			want, evicted := m.start(id)
			if verdicts[0] != (strategy.Verdict{Ref: strategy.Ref{Instance: id, Run: 1}, Outcome: want}) {
				t.Fatalf("verdict %v, want %v", verdicts[0], want)
			}
			for _, id := range evicted {
				if e, ok := head.FindEviction(strategy.Ref{Instance: id, Run: 1}); !ok || e.By.Instance != verdicts[0].Ref.Instance {
					t.Fatalf("instance %d was not evicted by %v", id, verdicts[0].Ref)
				}
			}
		},
		"end": func(t *rapid.T) {
			if len(m.running) == 0 {
				t.Skip("nothing runs")
			}
			i := rapid.IntRange(0, len(m.running)-1).Draw(t, "which")
			status := rapid.SampledFrom([]workflow.InstanceStatus{workflow.InstanceSucceeded, workflow.InstanceFailed,
				workflow.InstanceStopped, workflow.InstanceTimedOut}).Draw(t, "status")
			id := m.running[i]
			m.running = slices.Delete(m.running, i, i+1)
			if status == workflow.InstanceFailed {
				m.failed[id] = true
			}
			ended := strategy.Ended{Ref: strategy.Ref{Instance: id, Run: 1}, Status: status}
			begin, changed, err := strategy.Release(head, ended)
			if err != nil || !changed || !slices.Equal(ids(begin), m.begin()) {
				t.Fatalf("began %v, changed %v, %v", begin, changed, err)
			}
			if again, changed, _ := strategy.Release(head, ended); changed || len(again) > 0 {
				t.Fatal("releasing a run twice changed the head")
			}
		},
		"unblock": func(t *rapid.T) {
			if head.UnblockAll() != int64(len(m.failed)) {
				t.Fatal("not as many failed as the model says")
			}
			clear(m.failed)
			begin, _, _ := strategy.Release(head)
			if !slices.Equal(ids(begin), m.begin()) {
				t.Fatalf("began %v after unblock", begin)
			}
		},
		"": func(t *rapid.T) {
			if !slices.Equal(ids(head.Running), m.running) || !slices.Equal(ids(slices.Collect(head.Queued.All())), m.waiting) {
				t.Fatalf("runs %v waits %v, want %v and %v", head.Running, slices.Collect(head.Queued.All()), m.running, m.waiting)
			}
		},
	})
}

func ids(refs []strategy.Ref) []int64 {
	var out []int64
	for _, ref := range refs {
		out = append(out, ref.Instance)
	}
	return out
}

func headOf(rule string, limit int64) *strategy.Head {
	return &strategy.Head{Next: 1, Strategy: workflow.RunStrategy{Rule: rule, Concurrency: limit}}
}

func admitN(t *testing.T, head *strategy.Head, n int) []strategy.Outcome {
	t.Helper()
	verdicts, err := strategy.Admit(head, make([]strategy.Start, n), 1)
	if err != nil {
		t.Fatal(err)
	}
	var out []strategy.Outcome
	for _, v := range verdicts {
		out = append(out, v.Outcome)
	}
	return out
}

func TestPinned04FirstOnlyRefusesTheSecond(t *testing.T) {
	if got := admitN(t, headOf(workflow.FirstOnly, 1), 2); !slices.Equal(got, []strategy.Outcome{strategy.Runs, strategy.Refused}) {
		t.Error(got)
	}
}

func TestPinned06TooManyOpenForARuleOfOne(t *testing.T) {
	for _, rule := range []string{workflow.FirstOnly, workflow.LastOnly} {
		head := headOf(workflow.Parallel, 5)
		admitN(t, head, 2)
		head.Strategy.Rule = rule
		if _, err := strategy.Admit(head, make([]strategy.Start, 1), 1); workflow.CodeOf(err) != workflow.CodeInvalid {
			t.Errorf("%s: %v", rule, err)
		}
	}
}

func TestPinned08And09WhoMayBegin(t *testing.T) {
	tests := []struct {
		rule   string
		limit  int64
		failed bool // a run failed before
		begin  int
	}{
		{workflow.Sequential, 1, false, 1},
		{workflow.Parallel, 20, false, 2},
		{workflow.StrictSequential, 1, false, 1},
		{workflow.StrictSequential, 1, true, 0},
		{workflow.SerialLatestOnly, 1, true, 1},
	}
	for _, tt := range tests {
		head := headOf(tt.rule, tt.limit)
		head.Next = 3
		head.Queued.Add(strategy.Ref{Instance: 1, Run: 1})
		head.Queued.Add(strategy.Ref{Instance: 2, Run: 1})
		if tt.failed {
			head.Queued.Remove(strategy.Ref{Instance: 1, Run: 1})
			head.Failed = []strategy.Ref{{Instance: 1, Run: 1}}
		}
		if begin, _, _ := strategy.Release(head); len(begin) != tt.begin {
			t.Errorf("%s with failed %v: %v begin, want %d", tt.rule, tt.failed, begin, tt.begin)
		}
	}
}

func TestPinned10SerialLatestOnlyKeepsTheNewest(t *testing.T) {
	head := headOf(workflow.Sequential, 1)
	admitN(t, head, 3)
	head.Strategy.Rule = workflow.SerialLatestOnly
	admitN(t, head, 1)
	if got := slices.Collect(head.Queued.All()); len(head.Running) != 1 || head.Running[0].Instance != 1 || len(got) != 1 || got[0].Instance != 4 {
		t.Errorf("runs %v, waits %v", head.Running, got)
	}
	for _, id := range []int64{2, 3} {
		if e, ok := head.FindEviction(strategy.Ref{Instance: id, Run: 1}); !ok || e.By != (strategy.Ref{Instance: 4, Run: 1}) {
			t.Errorf("instance %d: %v %v", id, e, ok)
		}
	}
}

func TestARestartTakesThePlaceOfTheFailure(t *testing.T) {
	head := headOf(workflow.StrictSequential, 1)
	admitN(t, head, 2)
	first := strategy.Ref{Instance: 1, Run: 1}
	if begin, _, _ := strategy.Release(head, strategy.Ended{Ref: first, Status: workflow.InstanceFailed}); len(begin) != 0 {
		t.Fatalf("%v began past a failure", begin)
	}
	verdicts, err := strategy.Admit(head, []strategy.Start{{Restart: strategy.Ref{Instance: 1, Run: 2}}}, 1)
	if err != nil || verdicts[0].Ref != (strategy.Ref{Instance: 1, Run: 2}) {
		t.Fatal(verdicts, err)
	}
	// The restart waits in the order of its instance: it goes before instance 2.
	begin, _, _ := strategy.Release(head)
	if len(begin) != 1 || begin[0] != verdicts[0].Ref {
		t.Errorf("%v began, want the restart", begin)
	}
}

func TestStrategyChangesThatAreRefused(t *testing.T) {
	head := headOf(workflow.Parallel, 5)
	admitN(t, head, 2)
	for _, rule := range []string{workflow.FirstOnly, workflow.LastOnly} {
		if err := strategy.CheckChange(head, workflow.RunStrategy{Rule: rule}); workflow.CodeOf(err) != workflow.CodePrecondition {
			t.Errorf("to %s: %v", rule, err)
		}
	}
	if err := strategy.CheckChange(head, workflow.RunStrategy{Rule: workflow.StrictSequential}); err != nil {
		t.Error(err)
	}
	head.Failed = []strategy.Ref{{Instance: 1, Run: 1}}
	if err := strategy.CheckChange(head, workflow.RunStrategy{Rule: workflow.StrictSequential}); workflow.CodeOf(err) != workflow.CodePrecondition {
		t.Error(err)
	}
}

func TestAnUnknownRuleIsRefused(t *testing.T) {
	if _, err := strategy.Admit(headOf("FASTEST", 1), make([]strategy.Start, 1), 1); workflow.CodeOf(err) != workflow.CodeInvalid {
		t.Errorf("Admit under an unknown rule: %v", err)
	}
}

// A batch of three starts, two of them with the same request id: the admission collapses those before it asks the
// strategy, which is tested with the package trigger. These are the verdicts on what is left.
func TestPinned07BatchVerdicts(t *testing.T) {
	tests := []struct {
		rule string
		want []strategy.Outcome
		gone int64 // the instance that makes way; 0: none
	}{
		{workflow.Parallel, []strategy.Outcome{strategy.Runs, strategy.Runs}, 0},
		{workflow.FirstOnly, []strategy.Outcome{strategy.Runs, strategy.Refused}, 0},
		{workflow.LastOnly, []strategy.Outcome{strategy.Runs, strategy.Waits}, 1},
	}
	for _, tt := range tests {
		head := headOf(tt.rule, 5)
		if got := admitN(t, head, 2); !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.rule, got, tt.want)
		}
		if tt.gone != 0 {
			if e, ok := head.FindEviction(strategy.Ref{Instance: tt.gone, Run: 1}); !ok || e.By.Instance != 2 {
				t.Errorf("%s: instance %d does not make way: %v", tt.rule, tt.gone, e)
			}
		}
	}
}

func TestPinned05LastOnlyStopsWhatIsQueued(t *testing.T) {
	head := headOf(workflow.LastOnly, 1)
	head.Next = 2
	head.Queued.Add(strategy.Ref{Instance: 1, Run: 1})
	verdicts, err := strategy.Admit(head, make([]strategy.Start, 1), 1)
	if err != nil || verdicts[0].Ref.Instance != 2 || verdicts[0].Outcome == strategy.Refused {
		t.Fatal(verdicts, err)
	}
	if e, ok := head.FindEviction(strategy.Ref{Instance: 1, Run: 1}); !ok || e.By.Instance != 2 || head.IsQueued(e.Ref) {
		t.Errorf("instance 1 does not make way for 2: %v", head)
	}
}
