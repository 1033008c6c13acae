package strategy_test

import (
	"cmp"
	"maps"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// model is what each rule promises, without heads and items: who runs, who waits, who was turned away, who failed.
type model struct {
	rule                   string
	limit                  int
	running, waiting, dead []strategy.Ref // dead: failed, and neither unblocked nor restarted
}

func (m *model) start(ref strategy.Ref) (outcome strategy.Outcome, evicted []strategy.Ref) {
	m.forget(ref.Instance)
	switch m.rule {
	case workflow.FirstOnly:
		if len(m.running)+len(m.waiting) > 0 {
			return strategy.Refused, nil
		}
	case workflow.LastOnly:
		evicted = append(slices.Clone(m.waiting), m.running...)
		m.waiting = nil
	case workflow.SerialLatestOnly:
		evicted, m.waiting = m.waiting, nil
	}
	stood := len(m.waiting) > 0
	m.waiting = append(m.waiting, ref)
	slices.SortFunc(m.waiting, byInstance)
	if !stood && len(m.begin()) > 0 { // nobody goes before those that wait
		return strategy.Runs, evicted
	}
	return strategy.Waits, evicted
}

// begin lets those begin that may, in the order of their instances.
func (m *model) begin() (began []strategy.Ref) {
	for len(m.waiting) > 0 && len(m.running) < m.limit && !(m.rule == workflow.StrictSequential && len(m.dead) > 0) {
		began = append(began, m.waiting[0])
		m.running, m.waiting = append(m.running, m.waiting[0]), m.waiting[1:]
	}
	return began
}

// forget is a restart or an unblock of an instance: its failures do not block any more.
func (m *model) forget(instance int64) {
	m.dead = slices.DeleteFunc(m.dead, func(r strategy.Ref) bool { return r.Instance == instance })
}

// change is a change of the rule, if it may be now.
func (m *model) change(rule string, limit int) bool {
	open := len(m.running) + len(m.waiting)
	if rule != m.rule && ((rule == workflow.FirstOnly || rule == workflow.LastOnly) && open > 1 || rule == workflow.StrictSequential && len(m.dead) > 0) {
		return false
	}
	m.rule, m.limit = rule, limit
	return true
}

func byInstance(a, b strategy.Ref) int {
	return cmp.Or(cmp.Compare(a.Instance, b.Instance), cmp.Compare(a.Run, b.Run))
}

var rules = []string{workflow.Sequential, workflow.StrictSequential, workflow.FirstOnly, workflow.LastOnly,
	workflow.Parallel, workflow.SerialLatestOnly}

// Whatever starts, ends, fails, is stopped, restarted and unblocked, and whichever rule comes into force, the head does
// what the model says.
func TestEveryRuleDoesWhatItsModelSays(t *testing.T) {
	for _, rule := range rules {
		t.Run(rule, func(t *testing.T) { rapid.Check(t, func(t *rapid.T) { compare(t, rule) }) })
	}
}

func compare(t *rapid.T, rule string) {
	c := &comparison{model: &model{rule: rule}, head: &strategy.Head{Next: 1}, runs: map[int64]int64{}}
	c.obey(t, rule)
	t.Repeat(map[string]func(*rapid.T){
		"start":   func(t *rapid.T) { c.starts(t, rapid.IntRange(1, 3).Draw(t, "batch")) },
		"restart": c.restart,
		"end":     c.end,
		"stop":    c.stop,
		"unblock": c.unblock,
		"change":  func(t *rapid.T) { c.obey(t, rapid.SampledFrom(rules).Draw(t, "rule")) },
		"":        c.check,
	})
}

// comparison is a head beside its model.
type comparison struct {
	model *model
	head  *strategy.Head
	runs  map[int64]int64 // the newest run of each instance that has ended
}

// obey puts a rule into force, or finds that it is refused.
func (c *comparison) obey(t *rapid.T, rule string) {
	limit := 1
	if rule == workflow.Parallel {
		limit = rapid.IntRange(1, 4).Draw(t, "limit")
	}
	next := workflow.RunStrategy{Rule: rule, Concurrency: int64(limit)}
	refused := c.head.Strategy.Rule != "" && strategy.CheckChange(c.head, next) != nil
	if c.model.change(rule, limit) == refused {
		t.Fatalf("the change to %s was refused: %v", rule, refused)
	}
	if refused {
		return
	}
	c.head.Strategy = next
	c.went(t, nil)
}

func (c *comparison) starts(t *rapid.T, n int) {
	first := c.head.Next
	verdicts, err := strategy.Admit(c.head, make([]strategy.Start, n), 1)
	if err != nil {
		t.Fatal(err)
	}
	for i, verdict := range verdicts {
		c.agree(t, strategy.Ref{Instance: first + int64(i), Run: 1}, verdict)
	}
}

func (c *comparison) agree(t *rapid.T, ref strategy.Ref, verdict strategy.Verdict) {
	want, evicted := c.model.start(ref)
	if verdict != (strategy.Verdict{Ref: ref, Outcome: want}) {
		t.Fatalf("verdict %v, want %v of %v", verdict, want, ref)
	}
	if want == strategy.Refused {
		c.runs[ref.Instance] = ref.Run
	}
	for _, out := range evicted {
		if !slices.Contains(c.model.running, out) { // it never began, so it has ended
			c.runs[out.Instance] = out.Run
		}
		if _, ok := c.head.FindEviction(out); !ok {
			t.Fatalf("%v was not evicted by %v", out, ref)
		}
	}
}

// restart makes a new run of an instance whose newest run has ended.
func (c *comparison) restart(t *rapid.T) {
	ended := slices.Sorted(maps.Keys(c.runs))
	if len(ended) == 0 {
		t.Skip("nothing has ended")
	}
	ref := strategy.Ref{Instance: rapid.SampledFrom(ended).Draw(t, "instance")}
	ref.Run = c.runs[ref.Instance] + 1
	delete(c.runs, ref.Instance)
	verdicts, err := strategy.Admit(c.head, []strategy.Start{{Restart: ref}}, 1)
	if err != nil {
		t.Fatal(err)
	}
	c.agree(t, ref, verdicts[0])
}

func (c *comparison) end(t *rapid.T) {
	if len(c.model.running) == 0 {
		t.Skip("nothing runs")
	}
	ref := rapid.SampledFrom(c.model.running).Draw(t, "which")
	c.ended(t, ref, rapid.SampledFrom([]workflow.InstanceStatus{workflow.InstanceSucceeded, workflow.InstanceFailed,
		workflow.InstanceStopped, workflow.InstanceTimedOut}).Draw(t, "status"))
}

// stop stops a run, also one that has not begun.
func (c *comparison) stop(t *rapid.T) {
	open := slices.Concat(c.model.running, c.model.waiting)
	if len(open) == 0 {
		t.Skip("nothing is open")
	}
	c.ended(t, rapid.SampledFrom(open).Draw(t, "which"), workflow.InstanceStopped)
}

func (c *comparison) ended(t *rapid.T, ref strategy.Ref, status workflow.InstanceStatus) {
	is := func(r strategy.Ref) bool { return r == ref }
	c.model.running, c.model.waiting = slices.DeleteFunc(c.model.running, is), slices.DeleteFunc(c.model.waiting, is)
	if c.runs[ref.Instance] = ref.Run; status == workflow.InstanceFailed {
		c.model.dead = append(c.model.dead, ref)
	}
	run := strategy.Ended{Ref: ref, Status: status}
	c.went(t, []strategy.Ended{run})
	if again, changed, _ := strategy.Release(c.head, run); changed || len(again) > 0 {
		t.Fatal("releasing a run twice changed the head")
	}
}

// went releases what ended, and expects those to begin that the model lets begin.
func (c *comparison) went(t *rapid.T, ended []strategy.Ended) {
	begin, changed, err := strategy.Release(c.head, ended...)
	if want := c.model.begin(); err != nil || !slices.Equal(begin, want) || changed != (len(ended)+len(want) > 0) {
		t.Fatalf("began %v, want %v; changed %v, %v", begin, want, changed, err)
	}
}

func (c *comparison) unblock(t *rapid.T) {
	if n := c.head.UnblockAll(); n != int64(len(c.model.dead)) {
		t.Fatalf("%d were unblocked, want %d", n, len(c.model.dead))
	}
	c.model.dead = nil
	c.went(t, nil)
}

func (c *comparison) check(t *rapid.T) {
	waiting := slices.Collect(c.head.Queued.All())
	if !slices.Equal(c.head.Running, c.model.running) || !slices.Equal(waiting, c.model.waiting) {
		t.Fatalf("runs %v waits %v, want %v and %v", c.head.Running, waiting, c.model.running, c.model.waiting)
	}
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

// Under FIRST_ONLY and LAST_ONLY nobody waits for a run that failed: who comes after it begins at once, and who came while it
// ran was turned away, or made it give way and begins in its place.
func TestPinned09NobodyWaitsUnderRulesOfOne(t *testing.T) {
	failed := strategy.Ended{Ref: strategy.Ref{Instance: 1, Run: 1}, Status: workflow.InstanceFailed}
	for name, tt := range map[string]struct {
		rule     string
		together bool // the second one comes while the first one runs
		second   strategy.Outcome
		inPlace  int
	}{
		"FIRST_ONLY, in turn":  {workflow.FirstOnly, false, strategy.Runs, 0},
		"FIRST_ONLY, together": {workflow.FirstOnly, true, strategy.Refused, 0},
		"LAST_ONLY, in turn":   {workflow.LastOnly, false, strategy.Runs, 0},
		"LAST_ONLY, together":  {workflow.LastOnly, true, strategy.Waits, 1},
	} {
		head := headOf(tt.rule, 1)
		admitN(t, head, 1)
		if !tt.together {
			strategy.Release(head, failed)
		}
		if got := admitN(t, head, 1); got[0] != tt.second {
			t.Errorf("%s: %v, want %v", name, got[0], tt.second)
		}
		if begin, _, err := strategy.Release(head, failed); len(begin) != tt.inPlace || err != nil {
			t.Errorf("%s: %v begin in its place, want %d: %v", name, begin, tt.inPlace, err)
		}
		if begin, _, err := strategy.Release(head); len(begin) > 0 || err != nil {
			t.Errorf("%s: %v begin by themselves: %v", name, begin, err)
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
