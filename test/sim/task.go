package sim

import (
	"context"
	"errors"
	"fmt"
	"iter"
	"runtime/debug"
	"time"
)

// errCrash is what an invocation that died unwinds with.
var errCrash = errors.New("sim: the invocation died")

// task is one invocation of a handler: a coroutine that pauses at every port call.
type task struct {
	id    int
	name  string
	host  *host
	begun time.Time
	limit time.Time // the invocation is killed then
	wake  time.Time // it does not go on before

	resume func() (struct{}, bool)
	yield  func(struct{}) bool
	inner  *call // the runtime call that goes on right now
	calls  []*call

	dead  bool // crashed or killed: it unwinds at its next port call
	over  bool
	err   error
	ended func(t *task)

	committed bool    // it landed a commit
	about     *letter // that it handles; nil: a client's call
	reading   view    // what the teeth know of it
}

// spawn begins an invocation. ended is called when it returned or died.
func (w *World) spawn(name string, limit time.Duration, body func(context.Context, *host) error, ended func(*task)) {
	w.lastTask++
	t := &task{id: w.lastTask, name: name, host: w.hosts[w.random.IntN(len(w.hosts))], begun: w.now, limit: w.now.Add(limit),
		wake: w.now, ended: ended}
	t.reading.call = w.writes
	t.resume, _ = iter.Pull(func(yield func(struct{}) bool) {
		t.yield = yield
		defer func() {
			if r := recover(); r != nil && r != errCrash {
				w.fail("%s panicked: %v\n%s", t.name, r, debug.Stack())
			}
		}()
		t.err = body(context.Background(), t.host)
	})
	w.tasks = append(w.tasks, t)
	w.trace.line(w, "task %d begins: %s on host %d", t.id, name, t.host.number)
}

// pause gives the turn back to the scheduler.
func (t *task) pause() {
	if t.dead {
		panic(errCrash) // it was never let begin: it must not wait for a turn that never comes
	}
	if t.inner != nil {
		t.inner.yield(struct{}{})
	} else {
		t.yield(struct{}{})
	}
	if t.dead {
		panic(errCrash)
	}
}

// sleep pauses until the virtual clock shows at least the given time.
func (t *task) sleep(until time.Time) {
	if t.inner != nil {
		t.inner.wake = until
	} else {
		t.wake = until
	}
	t.pause()
}

// step lets a task go on to its next port call.
func (w *World) step(t *task) {
	w.current = t
	_, more := t.resume()
	w.current = nil
	if !more {
		w.reap(t)
	}
}

// kill ends a task where it stands.
func (w *World) kill(t *task) {
	t.dead = true
	w.trace.line(w, "task %d is killed: it is over its time", t.id)
	w.step(t)
}

// reap cleans up after a task that returned or died.
func (w *World) reap(t *task) {
	w.current = t
	for _, open := range t.calls {
		if !open.over {
			t.dead, t.inner = true, open
			open.resume()
		}
	}
	w.current, t.inner, t.over = nil, nil, true
	for i, other := range w.tasks {
		if other == t {
			w.tasks = append(w.tasks[:i], w.tasks[i+1:]...)
			break
		}
	}
	outcome := "is done"
	switch {
	case t.dead:
		outcome = "died"
		w.tally.crashes++
	case t.err != nil:
		outcome = fmt.Sprintf("fails: %v", t.err)
	}
	w.trace.line(w, "task %d %s", t.id, outcome)
	t.ended(t)
}

// enter is the scheduling point before a port call, where it may fail or never happen.
func (w *World) enter(port Port) {
	t := w.current
	t.pause()
	t.reading.before, t.reading.call = t.reading.call, w.writes
	w.calls++
	if w.strike(CrashBefore, port) || w.crashAt == 2*w.calls {
		w.crash(t)
	}
	if w.strike(Stall, port) {
		longest := 35
		if w.Still {
			longest = 4
		}
		until := w.now.Add(time.Duration(1+w.random.IntN(longest)) * time.Second)
		if !w.Still || until.Before(t.limit.Add(-time.Second)) { // without the sweep nobody is killed by his stalls
			t.sleep(until)
		}
	}
}

// leave is the place right after a port call.
func (w *World) leave(port Port) {
	if w.strike(CrashAfter, port) || w.crashAt == 2*w.calls+1 {
		w.crash(w.current)
	}
}

func (w *World) crash(t *task) {
	t.dead = true
	if w.random.IntN(2) == 0 {
		t.host.restart(w)
	}
	panic(errCrash)
}

// strike decides whether a fault happens at a port call, and remembers that it did.
func (w *World) strike(fault Fault, port Port) bool {
	rate := w.rates[fault]
	if port == PortSleep || port == PortTerminate {
		rate *= 4 // calls that are rare
	}
	if !w.faulty || rate == 0 || w.random.IntN(1000) >= rate {
		return false
	}
	w.tally.struck[fault][port]++
	w.trace.line(w, "task %d: %s at %s", w.current.id, fault, port)
	return true
}
