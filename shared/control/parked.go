package control

import (
	"context"
	"encoding/json"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Parked sees to messages that are in nobody's way any more: those that nobody understood, that could never be
// published, or that could not even be looked up as dead letters. They are in a queue, not in the store, because
// SQS itself puts some of them there. So one look takes each message for itself and gives it back; a message that
// somebody else looks at meanwhile is not in it.
type Parked struct {
	Queue queue.Queue
	Name  string        // of the queue of what is parked
	Look  string        // of the queue whose handler looks up what messages speak of
	Wait  time.Duration // how long to look for messages; a queue of many machines shows some only after a while
}

// ParkedLetter is the document of a parked message. It has nothing of a body that nobody understood, which may be private.
type ParkedLetter struct {
	ID         string `json:"id"`         // parked: and the message's own
	Kind       string `json:"kind"`       // of the hint, or one of ParkedEvent and ParkedUnknown
	About      string `json:"about"`      // the run, workflow, signal or key that it speaks of
	Reason     string `json:"reason"`     // why it is parked, as far as it says so
	Time       int64  `json:"time"`       // when it was sent
	Bytes      int    `json:"bytes"`      // of the body
	Redrivable bool   `json:"redrivable"` // it is a hint; anything else can only be dropped
	delivery   queue.Delivery
	hint       hint.Message
}

// Kinds of parked messages that are no hints.
const (
	ParkedEvent   = wire.ParkedKindEvent
	ParkedUnknown = "unknown"
)

// parkedPrefix begins the ids of parked messages, which those of dead letters cannot have: there a run follows.
const parkedPrefix = "parked:"

// IsParked tells whether an id is one of a parked message.
func IsParked(id string) bool {
	return strings.HasPrefix(id, parkedPrefix) && strings.Count(id, ":") == 1
}

// List lists what is parked, of one workflow unless wf is "", and says whether there is more. A nil Parked has nothing.
func (p *Parked) List(ctx context.Context, wf workflow.ID) (out []*ParkedLetter, more bool, err error) {
	out = []*ParkedLetter{}
	if p == nil {
		return out, false, nil
	}
	more, err = p.look(ctx, func(letter *ParkedLetter) (keep, stop bool) {
		if wf == "" || letter.hint.Run.Workflow == wf || letter.hint.Workflow == wf {
			out = append(out, letter)
		}
		return false, false
	})
	return out, more, err
}

// Redrive lets a parked hint be looked up once more, as a dead letter is: it is not believed. A message that is not there
// any more changes nothing; one that is redriven twice because a caller died between is looked up twice, which is
// harmless. It returns CodeInvalid for what is no hint.
func (p *Parked) Redrive(ctx context.Context, id string) (*LetterAction, error) {
	letter, err := p.find(ctx, id)
	if err != nil || letter == nil {
		return notParked(id), err
	}
	if !letter.Redrivable {
		if err := p.Queue.Hide(ctx, p.Name, 0, letter.delivery.Receipt); err != nil {
			return nil, unavailableQueue(err)
		}
		return nil, workflow.Errorf(workflow.CodeInvalid, "it is no hint, so nobody could look it up: it can only be dropped")
	}
	if err := p.Queue.Send(ctx, p.Look, queue.Message{Body: lookup(letter.hint).Encode()}); err != nil {
		return nil, unavailableQueue(err)
	}
	return p.remove(ctx, letter, "redriven: what it speaks of is looked up")
}

// Drop forgets a parked message. One that is not there any more changes nothing.
func (p *Parked) Drop(ctx context.Context, id string) (*LetterAction, error) {
	letter, err := p.find(ctx, id)
	if err != nil || letter == nil {
		return notParked(id), err
	}
	return p.remove(ctx, letter, "dropped")
}

// lookup is the hint that asks for a look at what m speaks of. It counts no failed delivery: those were counted when m
// became a dead letter.
func lookup(m hint.Message) hint.Message {
	if m.Run.Instance > 0 {
		return hint.Message{Kind: hint.Run, Run: m.Run, Reason: hint.ReasonRecover}
	}
	m.Hops = 0
	return m
}

func notParked(id string) *LetterAction {
	return &LetterAction{ID: id, Message: "it is not parked, not any more, or somebody looks at it right now: nothing was done"}
}

func (p *Parked) remove(ctx context.Context, letter *ParkedLetter, message string) (*LetterAction, error) {
	if err := p.Queue.Delete(ctx, p.Name, letter.delivery.Receipt); err != nil {
		return nil, unavailableQueue(err)
	}
	return &LetterAction{ID: letter.ID, Done: true, Message: message}, nil
}

// find takes a message out of the sight of others. It returns nil when it is not there.
func (p *Parked) find(ctx context.Context, id string) (found *ParkedLetter, err error) {
	if p == nil {
		return nil, nil
	}
	_, err = p.look(ctx, func(letter *ParkedLetter) (keep, stop bool) {
		if letter.ID != id {
			return false, false
		}
		found = letter
		return true, true
	})
	return found, err
}

// look shows each parked message to visit, and gives those back that it does not keep. It tells whether there may be more
// than MaxLetters.
func (p *Parked) look(ctx context.Context, visit func(*ParkedLetter) (keep, stop bool)) (more bool, err error) {
	var back []string
	for seen, stop := 0, false; !stop; {
		batch, failed := p.Queue.Receive(ctx, p.Name, queue.MaxBatch, p.Wait)
		if failed != nil {
			err = unavailableQueue(failed)
		}
		if len(batch) == 0 {
			break
		}
		for _, delivery := range batch {
			keep, enough := visit(parkedLetter(delivery))
			if !keep {
				back = append(back, delivery.Receipt)
			}
			stop = stop || enough
		}
		if seen += len(batch); seen >= MaxLetters {
			more, stop = true, true
		}
	}
	if len(back) > 0 {
		if failed := p.Queue.Hide(ctx, p.Name, 0, back...); failed != nil && err == nil {
			err = unavailableQueue(failed)
		}
	}
	return more, err
}

func parkedLetter(d queue.Delivery) *ParkedLetter {
	out := &ParkedLetter{ID: parkedPrefix + d.ID, Kind: ParkedUnknown, Time: d.Sent.UnixMilli(), Bytes: len(d.Body), delivery: d}
	var event wire.ParkedEvent
	if m, err := hint.Decode(d.Body); err == nil {
		out.Kind, out.About, out.Redrivable, out.hint = m.Kind, about(m), true, m
		out.Reason = "it could not be looked up as a dead letter"
	} else if err := json.Unmarshal(d.Body, &event); err == nil && event.Kind == wire.ParkedKindEvent {
		out.Kind, out.About, out.Reason = ParkedEvent, event.Part+" "+event.Sort, event.Reason
	} else {
		out.Reason = "nobody understands it"
	}
	return out
}

func about(m hint.Message) string {
	switch {
	case m.Run.Instance > 0:
		return m.Run.String()
	case m.Run.Workflow != "":
		return m.Run.Workflow
	case m.Workflow != "":
		return m.Workflow
	}
	return m.Signal
}

func unavailableQueue(err error) error {
	return &workflow.Error{Code: workflow.CodeUnavailable, Text: "the queue did not answer", Cause: err}
}
