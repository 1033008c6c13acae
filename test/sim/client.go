package sim

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/workflow"
)

// clientPrefix begins the request ids that clients choose.
const clientPrefix = "request-"

// caller is a client that asks for starts until it has an answer or gives up.
type caller struct {
	requests []string // "": without an id
	due      time.Time
	tries    int             // that are left
	order    func() *command // nil: it asks for a start
	special  trigger.Start   // what is not usual about that start
	name     string          // of an errand
	errand   errand          // nil: it asks for a start, or gives an order
}

// drawCallers draws who starts what and when: 1 to 5 instances, with duplicates and at once.
func (w *World) drawCallers() {
	instances := 1 + w.random.IntN(5)
	if w.Narrow {
		instances = 2
	}
	for i := range instances {
		request := ""
		if w.random.IntN(4) > 0 || w.Still {
			request = fmt.Sprintf("%s%d", clientPrefix, i)
		}
		at := time.Duration(w.random.IntN(20_000)) * time.Millisecond
		if w.random.IntN(2) == 0 || w.Narrow {
			at = time.Duration(w.random.IntN(100)) * time.Millisecond
		}
		special := w.drawStart()
		copies := 1 + w.random.IntN(3)*w.random.IntN(2)
		if w.Narrow {
			copies = 1 // nobody comes after the last one and finishes what he left
		}
		for range copies {
			c := &caller{requests: []string{request}, due: epoch.Add(at), tries: 1 + w.random.IntN(4), special: special}
			if w.random.IntN(5) == 0 && !w.Narrow {
				c.requests = append(c.requests, fmt.Sprintf("%s%d", clientPrefix, w.random.IntN(i+1)))
			}
			w.callers = append(w.callers, c)
			at += time.Duration(w.random.IntN(1+w.random.IntN(3_000))) * time.Millisecond
		}
	}
}

// start lets a caller call.
func (w *World) start(c *caller) {
	w.callers = without(w.callers, c)
	c.tries--
	var answers []trigger.Started
	w.spawn(fmt.Sprintf("start %q", c.requests), 10*time.Second, func(ctx context.Context, h *host) (err error) {
		starts := make([]trigger.Start, len(c.requests))
		for i, request := range c.requests {
			starts[i] = c.special
			starts[i].RequestID, starts[i].Initiator = request, &workflow.Initiator{Type: workflow.InitiatorManual}
		}
		answers, err = h.trigger.Start(ctx, "wf", "active", starts...)
		return err
	}, func(t *task) {
		if t.err == nil && !t.dead {
			for i, answer := range answers {
				w.ledger.answered(c.requests[i], answer)
			}
			return
		}
		if t.err != nil && !errors.Is(t.err, workflow.ErrUnavailable) {
			w.fail("a start fails: %v", t.err)
		}
		if c.tries > 0 || w.Still { // without the sweep a client that retries is all that finishes a start
			c.due = w.now.Add(time.Duration(w.random.IntN(8_000)) * time.Millisecond)
			w.callers = append(w.callers, c)
		}
	})
}

func without[T comparable](list []T, gone T) []T {
	for i, item := range list {
		if item == gone {
			return append(list[:i], list[i+1:]...)
		}
	}
	return list
}
