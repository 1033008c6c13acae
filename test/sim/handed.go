package sim

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/engine/dispatch"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/runtime/handover"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Step types whose jobs are handed over: to a worker of a queue, and to a function that is not waited for.
const (
	queueType  = "Queue"
	lambdaType = "Lambda"
)

// workers do the jobs that are handed over, each key once, and report with the token of the attempt: in time, late, twice,
// before the call that handed the job over has returned, or not at all.
type workers struct {
	world *World
	keys  map[workflow.AttemptKey]string                 // of the attempts that were handed over
	begun map[string]workflow.AttemptKey                 // by key: the attempt whose job was begun
	said  map[workflow.AttemptKey]map[runtime.State]bool // how jobs said that they ended
}

// handedTally counts what happened to jobs that were handed over.
type handedTally struct {
	begun   int // jobs
	again   int // tasks whose key was known
	early   int // outcomes that came before the call which handed the job over had returned
	taken   int // outcomes that were taken
	late    int // reports that came for an attempt that was over, or followed by another
	repeats int // reports whose answer was lost with the invocation
	silent  int // jobs that died with their worker
	words   int // that a job has ended, of somebody who saw it
}

func (t *handedTally) add(o handedTally) {
	t.begun, t.again, t.early, t.taken = t.begun+o.begun, t.again+o.again, t.early+o.early, t.taken+o.taken
	t.late, t.repeats, t.silent, t.words = t.late+o.late, t.repeats+o.repeats, t.silent+o.silent, t.words+o.words
}

// handing are the runtimes that hand jobs over to the workers.
func (w *World) handing(r *runtime.Registry) {
	r.Add(queueType, handover.Queue{Sender: w.workers})
	r.Add(lambdaType, handover.Lambda{Invoker: w.workers})
}

// drawHanded makes some jobs such as are handed over.
func (w *World) drawHanded() {
	for _, step := range w.body.Steps {
		if step.Type != jobType || w.random.IntN(4) == 0 {
			continue
		}
		given := map[string]any{"name": "workers", "heartbeat_seconds": int64(2 + w.random.IntN(12))}
		step.Type = queueType
		param := "queue"
		if w.random.IntN(2) == 0 {
			given = map[string]any{"function": "worker", "callback": true, "heartbeat_seconds": given["heartbeat_seconds"]}
			step.Type, param = lambdaType, "lambda"
		}
		if step.Params == nil {
			step.Params = &workflow.Params{}
		}
		step.Params.Set(param, mapParam(given))
	}
}

func mapParam(values map[string]any) *workflow.Param {
	fields := &workflow.Params{}
	for _, name := range []string{"name", "function", "callback", "heartbeat_seconds"} {
		if value, ok := values[name]; ok {
			fields.Set(name, workflow.Literal(value))
		}
	}
	return &workflow.Param{Type: workflow.Map, Value: fields}
}

// signer gives tokens out. What is in one is of no matter here: a worker shows who he is.
type signer struct{}

var _ dispatch.Signer = signer{}

func (signer) Sign(context.Context, token.Holder) (string, error) { return "token", nil }

// Send is the queue of the workers.
func (q *workers) Send(_ context.Context, _ string, task []byte) error { return q.take(task) }

// Invoke is the function that works.
func (q *workers) Invoke(_ context.Context, i handover.Invocation) (handover.Answer, error) {
	return handover.Answer{ID: "request"}, q.take(i.Task)
}

// take lets a worker have a task, once or more often, soon or later.
func (q *workers) take(text []byte) error {
	w, t := q.world, q.world.current
	w.enter(PortStart)
	var task handover.Task
	if err := json.Unmarshal(text, &task); err != nil {
		w.fail("a task cannot be read: %v", err)
		return err
	}
	key := workflow.AttemptKey{RunKey: workflow.RunKey{Workflow: task.Workflow, Instance: task.Instance, Run: task.Run}, Step: task.Step, Attempt: task.Attempt}
	w.ledger.called(t, runtime.Call{Key: key, Failures: task.FailedDeliveries}, nil)
	w.trace.line(w, "task %d hands %s/%d over, %d failures", t.id, key.Step, key.Attempt, task.FailedDeliveries)
	if known, ok := q.keys[key]; ok && known != task.Key {
		w.fail("%s/%d of %s is handed over under the keys %s and %s", key.Step, key.Attempt, key.RunKey, known, task.Key)
	}
	q.keys[key] = task.Key
	if w.strike(Errors, PortStart) {
		return workflow.Errorf(workflow.CodeUnavailable, "the queue is down")
	}
	returned := false
	for range 1 + w.random.IntN(2)*w.random.IntN(2) {
		q.begin(key, task.Key, &returned)
	}
	if w.random.IntN(3) == 0 { // the answer takes its time: the job may be faster
		t.sleep(w.now.Add(time.Duration(w.random.IntN(4_000)) * time.Millisecond))
	}
	returned = true
	if w.strike(Errors, PortStart) {
		return workflow.Errorf(workflow.CodeUnavailable, "the answer of the queue was lost")
	}
	w.leave(PortStart)
	return nil
}

// begin begins the job of a key that no worker knows, and draws what comes of it.
func (q *workers) begin(key workflow.AttemptKey, uuid string, returned *bool) {
	w := q.world
	if other, known := q.begun[uuid]; known {
		if other != key {
			w.fail("the jobs of %s/%d and %s/%d have one key", other.Step, other.Attempt, key.Step, key.Attempt)
		}
		w.tally.handed.again++
		return
	}
	q.begun[uuid] = key
	w.tally.handed.begun++
	if w.faulty && w.random.IntN(8) == 0 {
		w.tally.handed.silent++
		return
	}
	work := time.Duration(w.random.IntN(1+w.random.IntN(9_000))) * time.Millisecond
	for beats := w.random.IntN(3); beats > 0; beats-- {
		q.report(key, runtime.Continue, time.Duration(w.random.Int64N(int64(work)+1)), returned)
	}
	q.report(key, q.ending(), work, returned)
	if w.random.IntN(3) == 0 { // somebody else did it too, or it says so twice
		q.report(key, q.ending(), work+time.Duration(w.random.IntN(40_000))*time.Millisecond, returned)
	}
}

func (q *workers) ending() runtime.State {
	w := q.world
	if w.faulty && w.random.IntN(4) == 0 {
		return []runtime.State{runtime.UserError, runtime.PlatformError, runtime.FatalError}[w.random.IntN(3)]
	}
	return runtime.Done
}

// report lets a job report, again and again until it has an answer.
func (q *workers) report(key workflow.AttemptKey, state runtime.State, after time.Duration, returned *bool) {
	w := q.world
	tries := 0
	w.callers = append(w.callers, &caller{due: w.now.Add(after), name: fmt.Sprintf("report %d of %s/%d", state, key.Step, key.Attempt),
		errand: func(ctx context.Context, h *host) error {
			if tries++; tries > 1 {
				w.tally.handed.repeats++
			}
			if state != runtime.Continue {
				if q.said[key] == nil {
					q.said[key] = map[runtime.State]bool{}
				}
				q.said[key][state] = true
				if !*returned {
					w.tally.handed.early++
				}
			}
			_, err := h.callback.Report(ctx, q.holder(key), runtime.Result{State: state})
			switch {
			case errors.Is(err, workflow.ErrStale):
				w.tally.handed.late++
				return nil
			case err == nil && state != runtime.Continue:
				w.tally.handed.taken++
				w.ledger.outcomeTaken(key)
			}
			return err
		}})
}

// holder is who the token of an attempt makes of whoever shows it.
func (q *workers) holder(key workflow.AttemptKey) token.Holder {
	if h := q.world.ledger.runs[key.RunKey]; q.world.tooth == TokenOutlives && h != nil {
		newest := key
		newest.Attempt = h.state.Steps[q.world.ledger.ordinals[key.Step]].Attempt
		if uuid, known := q.keys[newest]; known {
			return token.Holder{Attempt: newest, UUID: uuid}
		}
	}
	return token.Holder{Attempt: key, UUID: q.keys[key]}
}

// witness lets somebody say that a job has ended which was asked about and had not, now or later, once or twice.
func (w *World) witness(call runtime.Call) {
	if !w.Handed || w.random.IntN(2) == 0 {
		return
	}
	for range 1 + w.random.IntN(2) {
		after := time.Duration(w.random.IntN(1+w.random.IntN(20_000))) * time.Millisecond
		w.callers = append(w.callers, &caller{due: w.now.Add(after), name: fmt.Sprintf("word of the end of %s/%d", call.Key.Step, call.Key.Attempt),
			errand: func(ctx context.Context, h *host) error {
				w.tally.handed.words++
				return h.callback.Ended(ctx, token.Holder{Attempt: call.Key, UUID: call.UUID})
			}})
	}
}

// outcomeTaken checks that an outcome whose report was answered is recorded.
func (l *ledger) outcomeTaken(key workflow.AttemptKey) {
	step := l.runs[key.RunKey].state.Steps[l.ordinals[key.Step]]
	open := step.Attempt == key.Attempt && !step.Status.Terminal() && step.Status != workflow.Finishing
	if open && step.Ending == workflow.NotCreated {
		l.world.fail("the outcome of %s/%d of %s was taken, and it is %s", key.Step, key.Attempt, key.RunKey, step.Status)
	}
}

// checkHanded checks that an attempt whose job was handed over ended as this job said, and not as that of another.
func (l *ledger) checkHanded(h *history, d *change, to workflow.StepStatus) {
	w := l.world
	if !w.Handed || !root(h.key.Workflow) {
		return
	}
	step := w.body.Steps[d.Ordinal]
	want, says := map[workflow.StepStatus]runtime.State{workflow.Succeeded: runtime.Done, workflow.UserFailed: runtime.UserError}[to]
	if key := (workflow.AttemptKey{RunKey: h.key, Step: step.ID, Attempt: d.Attempt}); says && (step.Type == queueType || step.Type == lambdaType) && !w.workers.said[key][want] {
		w.fail("attempt %d of %s of %s is %s, and its job did not say so", d.Attempt, step.ID, h.key, to)
	}
}
