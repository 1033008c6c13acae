package sim

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
)

// letter is a message on its way or in flight.
type letter struct {
	number   int
	queue    string
	message  hint.Message
	visible  time.Time
	receives int
	told     bool // because of a signal that was announced
}

// post is the queues of a world: what the engine sends goes in, and the scheduler takes it out.
type post struct {
	world   *World
	letters []*letter
	last    int
}

var _ advance.Sender = (*post)(nil)

// Send takes messages of the engine.
func (p *post) Send(_ context.Context, name string, messages ...queue.Message) error {
	w := p.world
	w.enter(PortSend)
	w.sending = append(w.sending, w.calls)
	switch {
	case w.strike(Throttled, PortSend):
		return queue.ErrThrottled
	case w.strike(Unavailable, PortSend):
		return fmt.Errorf("send: %w", queue.ErrUnavailable)
	}
	for _, m := range messages {
		if err := queue.Check(m); err != nil {
			w.fail("a malformed message was sent: %v", err)
		}
		message, err := hint.Decode(m.Body)
		if err != nil {
			w.fail("a message that is no hint was sent: %v", err)
			continue
		}
		if w.cut(w.current, message) {
			continue
		}
		p.carry(name, message, queue.WholeSeconds(m.Delay))
	}
	w.leave(PortSend)
	if w.strike(LostAnswer, PortSend) {
		return queue.ErrUnavailable
	}
	return nil
}

// carry puts a message on its way, as well as the faults let it.
func (p *post) carry(name string, message hint.Message, delay time.Duration) {
	w := p.world
	w.trace.line(w, "task %d sends to %s in %v: %s", w.current.id, name, delay, describe(message))
	if w.strike(Lose, PortSend) || w.lost(name) {
		return
	}
	copies := 1
	if w.strike(Duplicate, PortSend) {
		copies = 2
		if w.Signals {
			copies += w.random.IntN(9)
		}
	}
	told := w.current.about != nil && w.current.about.queue == hint.Trigger
	for range copies {
		late := delay
		if w.strike(Delay, PortSend) {
			late += time.Duration(w.random.IntN(60_000)) * time.Millisecond
		}
		p.put(name, message, w.now.Add(late)).told = told
	}
}

func (p *post) put(name string, message hint.Message, visible time.Time) *letter {
	p.last++
	out := &letter{number: p.last, queue: name, message: message, visible: visible}
	p.letters = append(p.letters, out)
	return out
}

// next returns the place of the message to deliver now, -1 for none.
func (p *post) next() int {
	first, n := -1, 0
	for i, l := range p.letters {
		if l.visible.After(p.world.now) {
			continue
		}
		n++
		switch {
		case p.world.faulty && p.world.rates[Reorder] > 0:
			if p.world.random.IntN(n) == 0 {
				first = i
			}
		case first < 0 || l.visible.Before(p.letters[first].visible):
			first = i
		}
	}
	return first
}

// take hides the message at place i, and for rollup some more of the same queue, from everybody else.
func (p *post) take(i int) []*letter {
	out := []*letter{p.letters[i]}
	if p.letters[i].queue == hint.Rollup {
		for _, l := range p.letters {
			if l != out[0] && l.queue == hint.Rollup && !l.visible.After(p.world.now) && len(out) < queue.MaxBatch {
				out = append(out, l)
			}
		}
	}
	for _, l := range out {
		l.receives++
		l.visible = p.world.now.Add(visibility[l.queue])
	}
	return out
}

func (p *post) remove(letter *letter) {
	for i, l := range p.letters {
		if l == letter {
			p.letters = append(p.letters[:i], p.letters[i+1:]...)
			return
		}
	}
}

// idle tells whether nothing but the sweep is on its way.
func (p *post) idle() bool {
	for _, l := range p.letters {
		if l.message.Kind != hint.Sweep {
			return false
		}
	}
	return true
}

// visibility is how long a delivery hides its message, and lifetime how long an invocation may take.
var (
	visibility = map[string]time.Duration{hint.Trigger: time.Minute, hint.Evaluate: time.Minute, hint.Rollup: time.Minute, hint.Dispatch: 3 * time.Minute}
	lifetime   = map[string]time.Duration{hint.Trigger: 10 * time.Second, hint.Evaluate: 10 * time.Second, hint.Rollup: 10 * time.Second, hint.Dispatch: 30 * time.Second}
)

func describe(m hint.Message) string {
	switch m.Kind {
	case hint.Sweep:
		return fmt.Sprintf("sweep %d", m.Generation)
	case hint.Signal:
		return fmt.Sprintf("signal %s %d", m.Signal, m.Seq)
	case hint.Steps:
		return fmt.Sprintf("steps of %s %v, %s", m.Run, m.Steps, m.Reason)
	}
	return fmt.Sprintf("%s %s, %s", m.Kind, m.Run, m.Reason)
}
