package advance

import (
	"context"
	"slices"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/permit"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// shortTimer is how near a timer must be to get a delayed hint of its own. Later ones are found by the
// sweep, which sends them with the exact delay.
const shortTimer = time.Minute

// Follow sends what follows from a visit: hints for the steps that it made due and nobody holds, and the
// release of a run that ended.
//
// What others were to send is theirs to send: whoever dies before it is called again by the message that he
// did not acknowledge. So only a message that comes again, or that was sent for one (its hops tell), repeats
// what follows from the state as it is; anything more, and hints that change nothing breed. The sweep repeats
// what is due now, and for the timers looks again by itself. about tells which steps are repeated (nil: all).
func (l *Loop) Follow(ctx context.Context, v Visited, cause hint.Message, about func(ordinal int) bool) error {
	if err := l.FollowOpen(ctx, v, cause, about); err != nil {
		return err
	}
	if v.Run.State.Status.Terminal() {
		return l.GiveBack(ctx, v, cause)
	}
	return nil
}

// FollowOpen is Follow for a caller who himself takes care of the end of a run.
func (l *Loop) FollowOpen(ctx context.Context, v Visited, cause hint.Message, about func(ordinal int) bool) error {
	hops := 0
	var dispatch []decide.Call
	var evaluate []int64
	var tends []decide.Tend
	if v.Turn != nil {
		dispatch, evaluate = v.Turn.Calls() // also what a visit without changes could not take up, and leaves
		tends = v.Turn.Tends()
	}
	if !v.Committed {
		if hops = cause.Hops + 1; hops > hint.MaxHops {
			return l.stray(ctx, v.Run.Key)
		}
	}
	repeats := cause.Repairs() || cause.Kind == hint.Run && cause.Hops == 1
	if repeats || cause.Reason == hint.ReasonRecover || cause.Kind == hint.Run && !v.Committed {
		dispatch = l.standing(v.Run, dispatch, about)
	}
	if repeats || cause.Reason == hint.ReasonRecover {
		tends = decide.Tended(v.Run)
	}
	if repeats {
		evaluate = append(evaluate, decide.Timers(v.Run.State, l.Clock.Now().UnixMilli(), queue.MaxBatch)...)
		hops = max(hops, 1)
	}
	reason := cause.Reason
	if err := l.hintTends(ctx, v.Run, tends, reason, hops); err != nil {
		return err
	}
	if reason == hint.ReasonRecover {
		reason = hint.ReasonReady // what follows is as usual again
	}
	if err := l.hintSteps(ctx, v, dispatch, reason, hops); err != nil {
		return err
	}
	if err := l.hintTimers(ctx, v.Run.Key, evaluate, hops); err != nil {
		return err
	}
	if err := l.giveBackPermits(ctx, v.Run, ended(v, cause)); err != nil {
		return err
	}
	if err := l.hintSignals(ctx, v, cause); err != nil {
		return err
	}
	if v.Committed && v.Turn.Unfinished() {
		again := hint.Message{Kind: hint.Run, Run: v.Run.Key, Reason: hint.ReasonContinue}
		return l.Send(ctx, hint.Evaluate, Delayed{Message: again})
	}
	return nil
}

// ended lists the steps whose permits are to be given back: of the attempts that ended in this visit, and of all
// that have ended when somebody may have died before he gave them back.
func ended(v Visited, cause hint.Message) []permit.Ticket {
	if cause.Again || cause.Reason == hint.ReasonRecover || !v.Committed {
		return decide.Over(v.Run)
	}
	return v.Turn.Ended()
}

// standing adds to the calls what is due in the state as it is, by whatever earlier turn.
func (l *Loop) standing(run *decide.Run, dispatch []decide.Call, about func(int) bool) []decide.Call {
	for _, i := range decide.Ready(run.Definition, l.Settings, run.State, l.Clock.Now().UnixMilli()) {
		known := slices.ContainsFunc(dispatch, func(call decide.Call) bool { return call.Ordinal == i })
		if !known && (about == nil || about(i)) {
			dispatch = append(dispatch, decide.Call{Ordinal: i, Attempt: run.State.Steps[i].Attempt})
		}
	}
	return dispatch
}

// hintSteps tells dispatch of steps: those due now together, in hints of at most MaxClaims. Of a run that has just begun
// a single hint names the commit, for until it is handled hardly anybody writes another.
func (l *Loop) hintSteps(ctx context.Context, v Visited, calls []decide.Call, reason string, hops int) error {
	var out []Delayed
	key := v.Run.Key
	var now [][2]int64
	for _, call := range calls {
		step := [2]int64{int64(call.Ordinal), call.Attempt}
		delay, soon := l.delay(call.At)
		switch {
		case delay == 0:
			now = append(now, step)
		case soon:
			message := hint.Message{Kind: hint.Steps, Run: key, Steps: [][2]int64{step}, Reason: hint.ReasonTimer, Hops: hops}
			out = append(out, Delayed{message, delay})
		}
	}
	only := v.Committed && v.Run.Commits == 1 && len(now) <= decide.MaxClaims
	for len(now) > 0 {
		n := min(len(now), decide.MaxClaims)
		message := hint.Message{Kind: hint.Steps, Run: key, Steps: now[:n], Reason: reason, Hops: hops}
		if only {
			message.Commit = v.Run.Commits
		}
		out, now = append(out, Delayed{Message: message}), now[n:]
	}
	return l.Send(ctx, hint.Dispatch, out...)
}

// hintTimers tells evaluate to look at the run at times that are near: one hint for each.
func (l *Loop) hintTimers(ctx context.Context, key workflow.RunKey, times []int64, hops int) error {
	var out []Delayed
	seen := map[int64]bool{}
	for _, at := range times {
		if delay, soon := l.delay(at); soon && !seen[at] {
			seen[at] = true
			out = append(out, Delayed{hint.Message{Kind: hint.Run, Run: key, Reason: hint.ReasonTimer, Hops: hops}, delay})
		}
	}
	return l.Send(ctx, hint.Evaluate, out...)
}

// stray drops a hint that led to hint after hint without changing anything. Two handlers that hint each
// other so are a bug of ours: the run's timeline tells of it, and the sweep remains.
func (l *Loop) stray(ctx context.Context, key workflow.RunKey) error {
	_, err := l.Visit(ctx, key, func(turn *decide.Turn) error {
		if turn.State().Status.Terminal() {
			return nil // nothing follows on a run that is over, and nobody waits for it
		}
		event := workflow.LogEvent(l.Clock.Now().UnixMilli(), "a hint was dropped after many that changed nothing")
		event.Level = "WARN"
		return turn.Note(event)
	})
	return err
}

// delay returns how long it is to a time, and whether a delayed hint is the way to wait for it.
func (l *Loop) delay(at int64) (time.Duration, bool) {
	if at == 0 {
		return 0, true
	}
	delay := max(time.UnixMilli(at).Sub(l.Clock.Now()), 0)
	return delay, delay <= shortTimer
}

// GiveBack gives the place of a root run that ended to the next one. With many running side by side the
// rollup queue does it, in tens. cause is the message that led here.
func (l *Loop) GiveBack(ctx context.Context, v Visited, cause hint.Message) error {
	run, hops := v.Run, cause.Hops+1
	if v.Committed {
		hops = 0
	}
	if err := l.report(ctx, run, hops); err != nil || run.Header.Inline() {
		return err
	}
	if v.Committed && run.Commits > 1 && l.sideBySide(run.Key.Workflow) {
		return l.giveAway(ctx, run)
	}
	head, err := l.findHead(ctx, run.Key.Workflow)
	if head == nil {
		return err
	}
	ref := refOf(run.Key)
	if !head.IsRunning(ref) && !head.IsQueued(ref) {
		// Somebody else was faster, and may die before he tells who got the place. A run that never executed had none.
		if executed := run.State.Start != 0; v.Committed && executed && run.Commits > 1 && !crowded(head.Head) {
			return l.hintNewest(ctx, run.Key.Workflow, head.Head)
		}
		return l.Nudge(ctx, run.Key.Workflow, cause)
	}
	if !worthReleasing(head.Head, run) {
		return nil
	}
	if crowded(head.Head) && run.Commits > 1 {
		return l.giveAway(ctx, run)
	}
	return l.releaseFrom(ctx, run.Key.Workflow, head, []strategy.Ended{EndOf(run)})
}

// heldCrowd tells whether runs of a workflow executed side by side, and when that was read.
type heldCrowd struct {
	crowded bool
	at      time.Time
}

// crowded tells whether more runs than one execute side by side. Their ends would race for the head.
func crowded(head *strategy.Head) bool {
	return head.Strategy.Rule == workflow.Parallel && len(head.Running) > 1
}

// crowdAge is how old an answer may be by which a run that ended is left to rollup, which gives any place away: it says
// only whether that is cheaper.
const crowdAge = time.Minute

// sideBySide tells whether the runs of a workflow are known to execute side by side.
func (l *Loop) sideBySide(wf workflow.ID) bool {
	held, ok := l.cache.crowds.get(wf)
	return ok && held.crowded && l.Clock.Now().Sub(held.at).Abs() < crowdAge
}

// giveAway leaves the place of a run that ended to rollup. Whoever gives it away there may die before he tells the next
// one: then the message comes again, and repairs.
func (l *Loop) giveAway(ctx context.Context, run *decide.Run) error {
	if run.Header.Link != nil {
		return nil // rollup does that when it tells the step that started it
	}
	return l.Send(ctx, hint.Rollup, Delayed{Message: hint.Message{Kind: hint.Ended, Run: run.Key, Commit: run.Commits}})
}

// worthReleasing tells whether the place of a run that ended has to be given back now. When nobody waits, one
// that ended at once is found by the next write of the head, and costs nothing more.
func worthReleasing(head *strategy.Head, run *decide.Run) bool {
	return run.Commits > 1 || head.Queued.Len() > 0
}

// Concerns tells whether a run that is not executing asks for anybody: it ended and still has a place in the
// head, or it waits and may begin, or has to make way. One that just waits for others is begun by them.
func (l *Loop) Concerns(ctx context.Context, run *decide.Run) (bool, error) {
	if run.Header.Link != nil && run.State.Status.Terminal() {
		if awaited, err := l.awaited(ctx, run); err != nil || awaited || run.Header.Inline() {
			return awaited, err
		}
	}
	head, err := l.findHead(ctx, run.Key.Workflow)
	if head == nil {
		return false, err
	}
	ref := refOf(run.Key)
	if run.State.Status.Terminal() {
		return (head.IsRunning(ref) || head.IsQueued(ref)) && worthReleasing(head.Head, run), nil
	}
	return !head.IsQueued(ref) || unverified(head.Head, ref), nil
}

// maxNudges bounds the hints of one Nudge. Where more runs execute side by side, their wake items remain.
const maxNudges = queue.MaxBatch

// maxNudging is how far from a message that did something one may be that nudges: a repair that a nudge asked for, the
// timer that it hinted, and the steps that this one found due.
const maxNudging = 3

// Nudge hints the newest of the executing runs when a message about a run that ended comes again. Its first
// delivery may have died after it gave the place of that run away and before it told the next one, and the head
// does not say any more who that is. Only a message that comes again does so: otherwise each late hint about an
// ended run would lead to more of them. One that was sent for another may have done all the work of the run before it
// died, so it does too; what it sends does not.
func (l *Loop) Nudge(ctx context.Context, wf workflow.ID, cause hint.Message) error {
	nudged := cause.Reason == hint.ReasonRecover && cause.Hops > 0
	if !cause.Again || nudged || cause.Hops > maxNudging {
		return nil
	}
	head, err := l.findHead(ctx, wf)
	if head == nil {
		return err
	}
	return l.hintNewest(ctx, wf, head.Head)
}

// hintNewest hints the newest of the executing runs: whoever gave them their places may have died.
func (l *Loop) hintNewest(ctx context.Context, wf workflow.ID, head *strategy.Head) error {
	var out []Delayed
	for _, ref := range head.Running[max(0, len(head.Running)-maxNudges):] {
		key := keyOf(wf, ref)
		out = append(out, Delayed{Message: hint.Message{Kind: hint.Run, Run: key, Reason: hint.ReasonRecover, Hops: 1}})
	}
	return l.Send(ctx, hint.Evaluate, out...)
}

var _ decide.Facts = (*Loop)(nil)
