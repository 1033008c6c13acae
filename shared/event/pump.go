package event

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"time"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Pauses of a pump.
const (
	idle         = 250 * time.Millisecond // between two looks at a feed that had nothing
	firstPause   = time.Second            // after a publisher's first failure; doubled by each one more
	longestPause = time.Minute
	batch        = 100 // events handed to the publisher at once
)

// Pump carries events from the feed of a store to a publisher.
type Pump struct {
	Reader    *Reader
	Feed      store.Feed
	Publisher Publisher
	Clock     advance.Clock
	Name      string // of the consumer: each has a place of its own in the feed
	Log       *slog.Logger
}

// place is how far a consumer has come.
type place struct {
	Cursor store.Cursor `json:"cursor"`
}

func (p *Pump) key() store.Key { return store.Key{Part: "e/" + p.Name, Sort: "."} }

// Run publishes until ctx ends.
func (p *Pump) Run(ctx context.Context) {
	pause := firstPause
	cursor, loaded := store.Cursor(""), false
	for ctx.Err() == nil {
		next, some, err := cursor, false, error(nil)
		if !loaded {
			cursor, err = p.load(ctx)
			loaded, next = err == nil, cursor
		}
		if err == nil {
			next, some, err = p.round(ctx, cursor)
		}
		wait := idle
		switch {
		case err != nil && ctx.Err() == nil:
			p.Log.Warn("publishing events failed; it is tried again", "consumer", p.Name, "error", err)
			wait, pause = pause, min(2*pause, longestPause)
		case some:
			cursor, pause = next, firstPause
			continue
		}
		if p.Clock.Sleep(ctx, wait) != nil {
			return
		}
	}
}

func (p *Pump) load(ctx context.Context) (store.Cursor, error) {
	items, err := p.Reader.Store.Get(ctx, store.Fresh, p.key())
	if err != nil || items[0].Rev == 0 {
		return "", err
	}
	var at place
	if json.Unmarshal(items[0].Body, &at) != nil {
		return "", workflow.Errorf(workflow.CodeInternal, "the place of the consumer %q cannot be read", p.Name)
	}
	return at.Cursor, nil
}

// round publishes what came after the cursor. The place is stored only after events: storing it is a change too.
func (p *Pump) round(ctx context.Context, cursor store.Cursor) (store.Cursor, bool, error) {
	changes, next, err := p.Feed.Next(ctx, cursor)
	if errors.Is(err, store.ErrCursor) {
		changes, next, err = p.Feed.Next(ctx, "") // of a store that is gone: begin with what there is
	}
	if err != nil || len(changes) == 0 {
		return cursor, false, err
	}
	var events []*Event
	for _, change := range changes {
		made, err := p.Reader.Read(ctx, change)
		if err != nil && !Hopeless(err) {
			return cursor, false, err
		}
		if err != nil {
			p.Log.Error("a change has no event that can be told", "consumer", p.Name, "part", change.Part, "error", err)
		}
		events = append(events, made...)
	}
	for rest := events; len(rest) > 0; {
		n := min(len(rest), batch)
		if err := p.Publisher.Publish(ctx, rest[:n]); err != nil {
			return cursor, false, err
		}
		rest = rest[n:]
	}
	if len(events) > 0 {
		body, err := json.Marshal(place{next})
		if err != nil {
			return cursor, false, err
		}
		if err := p.Reader.Store.Put(ctx, store.Write{Item: store.Item{Key: p.key(), Body: body}}); err != nil {
			return cursor, false, err
		}
	}
	return next, true, nil
}

// Hopeless tells whether reading a change failed for what the change is, so that trying again is of no use: it cannot
// be understood, or what it belongs to is gone.
func Hopeless(err error) bool {
	return errors.Is(err, workflow.ErrNotFound) || workflow.CodeOf(err) == workflow.CodeInternal
}
