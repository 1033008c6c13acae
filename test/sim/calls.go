package sim

import (
	"iter"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/dispatch"
)

// calls runs the runtime calls of one invocation, each as a coroutine inside that of the invocation.
type calls struct {
	world *World
	task  *task
}

// call is one of them.
type call struct {
	resume  func() (struct{}, bool)
	yield   func(struct{}) bool
	wake    time.Time
	outcome decide.Outcome
	over    bool
}

var _ dispatch.Calls = (*calls)(nil)

// Go begins a call.
func (c *calls) Go(run func() decide.Outcome) {
	one := &call{wake: c.world.now}
	one.resume, _ = iter.Pull(func(yield func(struct{}) bool) {
		one.yield = yield
		one.outcome = run()
		one.over = true
	})
	c.task.calls = append(c.task.calls, one)
}

// Wait lets the calls go on in any order until some have returned.
func (c *calls) Wait() []decide.Outcome {
	var out []decide.Outcome
	for {
		ready, next := c.ready()
		if len(ready) == 0 {
			c.task.sleep(next)
			continue
		}
		i := ready[c.world.random.IntN(len(ready))]
		one := c.task.calls[i]
		c.task.inner = one
		one.resume()
		c.task.inner = nil
		if c.task.dead {
			panic(errCrash)
		}
		if !one.over {
			c.task.pause()
			continue
		}
		out = append(out, one.outcome)
		c.task.calls = append(c.task.calls[:i], c.task.calls[i+1:]...)
		if ready, _ := c.ready(); len(ready) == 0 || c.world.random.IntN(2) == 0 {
			return out
		}
	}
}

// ready lists the calls that can go on, and the time at which the next one can.
func (c *calls) ready() (ready []int, next time.Time) {
	for i, one := range c.task.calls {
		if !one.wake.After(c.world.now) {
			ready = append(ready, i)
		} else if next.IsZero() || one.wake.Before(next) {
			next = one.wake
		}
	}
	return ready, next
}
