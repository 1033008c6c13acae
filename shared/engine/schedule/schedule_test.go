package schedule_test

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/engine/schedule"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/param"
	times "github.com/segue-workflows/segue/shared/schedule"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

var alice = workflow.User{Name: "alice"}

// world is an engine whose sweep runs, with a catalog.
type world struct {
	*enginetest.World
	t       *testing.T
	catalog *catalog.Catalog
}

func newWorld(t *testing.T) *world {
	w := enginetest.New(t, nil)
	out := &world{w, t, &catalog.Catalog{Loop: w.Loop}}
	out.sweep()
	return out
}

// sweep begins the sweep, as the schedule of a deployment does each minute.
func (w *world) sweep() {
	w.t.Helper()
	if err := w.Loop.Send(w.t.Context(), hint.Evaluate, advance.Delayed{Message: hint.Message{Kind: hint.Sweep}}); err != nil {
		w.t.Fatal(err)
	}
}

const everyTen = `"time_triggers": [{"type": "CRON", "cron": "*/10 * * * *"}]`

func (w *world) push(triggers string) {
	w.t.Helper()
	text := `{"properties": {"owner": "alice", "run_strategy": "parallel"}, "workflow": {"id": "wf", ` + triggers +
		`, "steps": [{"step": {"id": "only", "type": "NoOp"}}]}}`
	w.pushText([]byte(text))
}

func (w *world) pushText(text []byte) {
	w.t.Helper()
	request, err := definition.ParseRequest(text, definition.JSON)
	if err != nil {
		w.t.Fatal(err)
	}
	request.IsActive = true
	if _, err := w.catalog.Push(w.t.Context(), alice, request); err != nil {
		w.t.Fatal(err)
	}
}

// times returns at which times the instances of a workflow were meant to start, in their order.
func (w *world) times(wf string) []string {
	w.t.Helper()
	var out []string
	for i := int64(1); ; i++ {
		run, err := w.Loop.LoadRun(w.t.Context(), workflow.RunKey{Workflow: wf, Instance: i, Run: 1})
		if workflow.CodeOf(err) == workflow.CodeNotFound {
			return out
		}
		if err != nil {
			w.t.Fatal(err)
		}
		if run.Header.Initiator.Type != workflow.InitiatorTime {
			w.t.Errorf("instance %d was started by %s", i, run.Header.Initiator.Type)
		}
		out = append(out, time.UnixMilli(run.Header.Initiator.TriggerTime).UTC().Format("15:04:05"))
	}
}

func (w *world) expect(want string) {
	w.t.Helper()
	if got := strings.Join(w.times("wf"), " "); got != want {
		w.t.Errorf("executions:\n got %s\nwant %s", got, want)
	}
}

func (w *world) item() record.TimeTrigger {
	w.t.Helper()
	items, err := w.Store.Get(w.t.Context(), store.Fresh, record.TimeTriggerKey("wf"))
	if err != nil || items[0].Rev == 0 {
		w.t.Fatal("no time trigger", err)
	}
	out, err := record.Decode[record.TimeTrigger]("time trigger", items[0].Body)
	if err != nil {
		w.t.Fatal(err)
	}
	return *out
}

// The world begins at 03:04:05.
func TestFiresAtItsTimes(t *testing.T) {
	w := newWorld(t)
	w.push(everyTen)
	w.Drain(5 * time.Minute)
	w.expect("")
	w.Drain(55 * time.Minute)
	w.expect("03:10:00 03:20:00 03:30:00 03:40:00 03:50:00 04:00:00")
	run := w.Run("wf", 1)
	started := time.UnixMilli(run.Header.RequestTime).UTC()
	if started.Format("15:04:05") != "03:10:00" {
		t.Errorf("started at %v", started)
	}
	if ts, _ := run.Header.Params.Get("RUN_TS"); ts == nil || run.Header.Initiator.TriggerUUID != w.item().UUID {
		t.Errorf("RUN_TS %v, trigger %q", ts, run.Header.Initiator.TriggerUUID)
	}
}

func TestDoubledLooksChangeNothing(t *testing.T) {
	w := newWorld(t)
	w.push(everyTen)
	for range 60 {
		for range 3 {
			if err := w.Times.Look(t.Context(), "wf"); err != nil {
				t.Fatal(err)
			}
		}
		w.Drain(time.Minute)
	}
	w.expect("03:10:00 03:20:00 03:30:00 03:40:00 03:50:00 04:00:00")
	rev := func() int64 {
		items, err := w.Store.Get(t.Context(), store.Fresh, record.TimeTriggerKey("wf"))
		if err != nil {
			t.Fatal(err)
		}
		return items[0].Rev
	}
	before := rev()
	if err := w.Times.Look(t.Context(), "wf"); err != nil || rev() != before {
		t.Errorf("a look with nothing due wrote: %d, %d, %v", before, rev(), err)
	}
}

func TestFollowsTheWorkflow(t *testing.T) {
	w := newWorld(t)
	w.push(everyTen)
	w.Drain(6 * time.Minute) // 03:10
	if _, err := w.catalog.Deactivate(t.Context(), alice, "wf"); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Second)
	if got := w.item(); got.UUID != "" {
		t.Errorf("after the deactivation: %+v", got)
	}
	w.Drain(15 * time.Minute) // 03:25
	if _, err := w.catalog.Activate(t.Context(), alice, "wf", "1"); err != nil {
		t.Fatal(err)
	}
	w.Drain(10 * time.Minute) // 03:35: what was due while it was inactive is not caught up
	w.disable(true)
	w.Drain(10 * time.Minute) // 03:45
	w.disable(false)
	w.Drain(10 * time.Minute) // 03:55
	w.push(`"time_triggers": [{"type": "INTERVAL", "interval": "4 minutes"}]`)
	w.Drain(10 * time.Minute) // 04:05
	if _, err := w.catalog.Delete(t.Context(), alice, "wf"); err != nil {
		t.Fatal(err)
	}
	w.Drain(time.Hour)
	w.expect("03:10:00 03:30:00 03:50:00 03:56:00 04:00:00 04:04:00")
}

func (w *world) disable(disabled bool) {
	w.t.Helper()
	update, err := definition.ParsePropertiesUpdate([]byte(fmt.Sprintf(`{"properties_changes": {"time_trigger_disabled": %v}}`, disabled)), definition.JSON)
	if err != nil {
		update, err = definition.ParsePropertiesUpdate([]byte(fmt.Sprintf(`{"time_trigger_disabled": %v}`, disabled)), definition.JSON)
	}
	if err != nil {
		w.t.Fatal(err)
	}
	if _, err := w.catalog.Update(w.t.Context(), alice, "wf", update); err != nil {
		w.t.Fatal(err)
	}
}

// TestLostMessages loses everything that was sent, again and again; the sweep is seeded again each time.
func TestLostMessages(t *testing.T) {
	w := newWorld(t)
	w.push(everyTen)
	w.Forget()
	for range 30 {
		w.sweep()
		w.Drain(70 * time.Second)
		w.Forget()
		w.sweep()
		w.Drain(50 * time.Second)
	}
	w.expect("03:10:00 03:20:00 03:30:00 03:40:00 03:50:00 04:00:00")
}

// TestCatchesUp is down for two days: what was missed runs in its order, a hundred at a time.
func TestCatchesUp(t *testing.T) {
	for name, c := range map[string]struct {
		back time.Duration
		want int
	}{"all": {0, 2*144 + 6}, "six hours": {6 * time.Hour, 36 + 6}, "none": {schedule.SkipMissed, 1 + 6}} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			w.Times.CatchUp = c.back
			w.push(everyTen)
			w.Drain(time.Second)
			w.Forget()
			_ = w.Sleep(t.Context(), 48*time.Hour)
			if err := w.Loop.Send(t.Context(), hint.Trigger, advance.Delayed{Message: schedule.Message("wf")}); err != nil {
				t.Fatal(err)
			}
			w.sweep()
			w.Drain(time.Hour)
			got := w.times("wf")
			if len(got) != c.want {
				t.Errorf("%d executions, want %d: %v", len(got), c.want, got)
			}
			seen := map[int64]bool{}
			for i := range got {
				at := w.Run("wf", int64(i+1)).Header.Initiator.TriggerTime
				if seen[at] {
					t.Errorf("instance %d is the second of its time", i+1)
				}
				seen[at] = true
			}
			timeline, err := w.catalog.Timeline(t.Context(), "wf")
			if err != nil {
				t.Fatal(err)
			}
			if told := strings.Contains(string(record.Encode(timeline)), "skipped executions"); told == (c.back == 0) {
				t.Errorf("the timeline tells of skipped executions: %v", told)
			}
		})
	}
}

// TestAStartThatCannotRunIsKept has an expression that fails at every second time; the ones after it run all the same.
func TestAStartThatCannotRunIsKept(t *testing.T) {
	w := newWorld(t)
	w.push(everyTen + `, "params": {"bad": {"type": "LONG", "expression": "return 1 / ((RUN_TS / 600000 + 1) % 2);"}}`)
	w.Drain(27 * time.Minute)
	w.expect("03:10:00 03:20:00 03:30:00")
	for i, want := range []workflow.InstanceStatus{workflow.InstanceFailed, workflow.InstanceSucceeded, workflow.InstanceFailed} {
		if status := w.Run("wf", int64(i+1)).State.Status; status != want {
			t.Errorf("instance %d: status %s, want %s", i+1, status, want)
		}
	}
}

// dying fails every call from the nth write on, as a process that is killed.
type dying struct {
	store.Store
	left int
}

func (d *dying) Put(ctx context.Context, w store.Write) error {
	if d.left--; d.left < 0 {
		return store.ErrUnavailable
	}
	return d.Store.Put(ctx, w)
}

// TestCrashAtEveryWrite kills the handler at each of its writes in turn; its message comes again.
func TestCrashAtEveryWrite(t *testing.T) {
	for n := range 40 {
		w := newWorld(t)
		w.push(everyTen)
		w.Drain(time.Second)
		_ = w.Sleep(t.Context(), 26*time.Minute)
		loop := advance.New(advance.Loop{Store: &dying{w.Store, n}, Sender: w.Queue, Clock: w.World, Random: w.Loop.Random,
			Settings: decide.Settings{Params: param.Runtime{}}})
		died := schedule.Schedules{Loop: loop, Starter: &trigger.Trigger{Loop: loop, NewID: w.Trigger.NewID}}
		err := died.Look(t.Context(), "wf")
		w.Forget()
		w.sweep()
		w.Drain(30 * time.Minute)
		w.expect("03:10:00 03:20:00 03:30:00 03:40:00 03:50:00 04:00:00")
		if err == nil {
			if n < 8 {
				t.Errorf("a whole look takes %d writes only", n)
			}
			return
		}
	}
	t.Error("no look came to its end")
}

// TestCrashBeforeTheChangeIsTold pushes, and what the push sent is lost.
func TestCrashBeforeTheChangeIsTold(t *testing.T) {
	w := newWorld(t)
	w.push(everyTen)
	w.Forget()
	w.sweep()
	w.Drain(2 * time.Minute)
	if got := w.item(); got.UUID == "" || got.Next == 0 {
		t.Errorf("%+v", got)
	}
}

// timer remembers what it was told.
type timer struct {
	told []string
	down bool
}

var errDown = workflow.Errorf(workflow.CodeUnavailable, "down")

func (m *timer) Keep(_ context.Context, wf workflow.ID, plan *times.Plan) error {
	if m.down {
		return errDown
	}
	if plan == nil {
		m.told = append(m.told, wf+" none")
		return nil
	}
	m.told = append(m.told, fmt.Sprintf("%s %d", wf, len(plan.Schedules)))
	return nil
}

func (m *timer) Expect(_ context.Context, _ workflow.ID, _ *times.Plan, next time.Time) error {
	if m.down {
		return errDown
	}
	m.told = append(m.told, next.Format("15:04"))
	return nil
}

// TestATimerIsKeptInStep has an outside clock that never fires: the wake items behind it do, with the grace.
func TestATimerIsKeptInStep(t *testing.T) {
	w, clock := newWorld(t), &timer{}
	w.Times.Timer, w.Times.Grace = clock, time.Minute
	w.push(everyTen)
	w.Drain(20 * time.Minute)
	if _, err := w.catalog.Deactivate(t.Context(), alice, "wf"); err != nil {
		t.Fatal(err)
	}
	w.Drain(20 * time.Minute)
	w.expect("03:10:00 03:20:00")
	if got := strings.Join(clock.told, ", "); got != "wf 1, 03:10, 03:20, 03:30, wf none" {
		t.Errorf("the timer was told: %s", got)
	}
}

// TestATimerThatIsDown keeps no time trigger from its work, and is set when the message comes again.
func TestATimerThatIsDown(t *testing.T) {
	w, clock := newWorld(t), &timer{down: true}
	w.Times.Timer = clock
	w.push(everyTen)
	w.Forget()
	look := schedule.Message("wf")
	handle := func(want workflow.Code) {
		t.Helper()
		if err := w.Times.Handle(t.Context(), look); workflow.CodeOf(err) != want {
			t.Fatal(err)
		}
	}
	handle(workflow.CodeUnavailable)
	_ = w.Sleep(t.Context(), 10*time.Minute)
	handle(workflow.CodeUnavailable)
	w.expect("03:10:00")
	clock.down, look.Again = false, true
	handle("")
	if got := strings.Join(clock.told, ", "); got != "wf 1" {
		t.Errorf("the timer was told: %s", got)
	}
}

// mortal is a timer of a process that dies: its calls are counted with those of the store.
type mortal struct {
	*timer
	*dying
}

func (m mortal) Keep(ctx context.Context, wf workflow.ID, plan *times.Plan) error {
	if m.left--; m.left < 0 {
		return errDown
	}
	return m.timer.Keep(ctx, wf, plan)
}

func (m mortal) Expect(ctx context.Context, wf workflow.ID, plan *times.Plan, next time.Time) error {
	if m.left--; m.left < 0 {
		return errDown
	}
	return m.timer.Expect(ctx, wf, plan, next)
}

// TestTheTimerIsSetFirst kills the handler that takes up new triggers at each of its calls in turn. Nobody relies on a
// timer that is not set, and after the message has come again it is.
func TestTheTimerIsSetFirst(t *testing.T) {
	for n := range 20 {
		w, clock := newWorld(t), &timer{}
		w.push(everyTen)
		w.Forget()
		dies := &dying{w.Store, n}
		loop := advance.New(advance.Loop{Store: dies, Sender: w.Queue, Clock: w.World, Random: w.Loop.Random,
			Settings: decide.Settings{Params: param.Runtime{}}})
		died := schedule.Schedules{Loop: loop, Starter: &trigger.Trigger{Loop: loop, NewID: w.Trigger.NewID}, Timer: mortal{clock, dies}}
		err := died.Look(t.Context(), "wf")
		items, failed := w.Store.Get(t.Context(), store.Fresh, record.TimeTriggerKey("wf"))
		if failed != nil {
			t.Fatal(failed)
		}
		if told := strings.Join(clock.told, ", "); items[0].Rev != 0 && told != "wf 1, 03:10" {
			t.Errorf("dead before call %d: triggers are taken up, and the timer was told: %s", n+1, told)
		}
		w.Forget()
		w.Times.Timer, w.Times.Grace = clock, time.Minute
		look := schedule.Message("wf")
		look.Again = true
		if err := w.Times.Handle(t.Context(), look); err != nil {
			t.Fatal(err)
		}
		if told := strings.Join(clock.told, ", "); !strings.Contains(told, "wf 1") || !strings.Contains(told, "03:10") {
			t.Errorf("dead before call %d: the timer was told: %s", n+1, told)
		}
		w.sweep()
		w.Drain(28 * time.Minute)
		w.expect("03:10:00 03:20:00 03:30:00")
		if err == nil {
			if n < 4 {
				t.Errorf("a whole look takes %d calls only", n)
			}
			return
		}
	}
	t.Error("no look came to its end")
}

func TestOtherHintsAreRefused(t *testing.T) {
	w := newWorld(t)
	if err := w.Times.Handle(t.Context(), hint.Message{Kind: hint.Sweep}); workflow.CodeOf(err) != workflow.CodeInvalid {
		t.Error(err)
	}
	if err := w.Times.Look(t.Context(), "nobody"); err != nil {
		t.Error(err)
	}
}

// TestCorpusSample runs the time triggers of the reference's sample: twelve o'clock in California, midnight in Tokyo,
// and every two minutes with a delay.
func TestCorpusSample(t *testing.T) {
	root := os.Getenv("SEGUE_CORPUS")
	if root == "" {
		root = filepath.Join("..", "..", "..", "..", "shared", "corpus")
	}
	text, err := os.ReadFile(filepath.Join(root, "maestro", "server-samples", "sample-time-trigger-wf.json"))
	if err != nil {
		t.Skip("SKIPPED: the corpus is not here: ", err)
	}
	w := newWorld(t)
	w.pushText(text)
	w.Drain(17*time.Hour + time.Minute) // until 20:05 UTC; noon in California is 20:00, midnight in Tokyo 15:00
	seen := map[string]int{}
	last := int64(0)
	for i := range w.times("sample-time-trigger-wf") {
		run := w.Run("sample-time-trigger-wf", int64(i+1))
		if run.State.Status != workflow.InstanceSucceeded {
			t.Fatalf("instance %d is %s", i+1, run.State.Status)
		}
		if run.Header.Initiator.TriggerTime <= last {
			t.Errorf("instance %d is out of order", i+1)
		}
		last = run.Header.Initiator.TriggerTime
		seen[run.Header.Initiator.Timezone]++
	}
	if pacific := seen["US/Pacific"]; seen["Asia/Tokyo"] != 1 || pacific != 17*30+1 && pacific != 17*30+2 {
		t.Errorf("executions by zone: %v", seen)
	}
}
