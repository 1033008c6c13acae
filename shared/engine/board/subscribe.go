package board

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Subscriber wants to hear of signals.
type Subscriber struct {
	ID      string          `json:"-"`                // of this subscription
	Wanted  signal.Matches  `json:"wanted,omitempty"` // what it wants
	Run     workflow.RunKey `json:"run,omitzero"`     // one of whose steps waits
	Trigger Trigger         `json:"trigger,omitzero"` // or a trigger
	Expire  time.Time       `json:"-"`                // zero: never

	key store.Key
}

// Trigger names a signal trigger of a workflow.
type Trigger struct {
	Workflow workflow.ID `json:"workflow"`
	UUID     string      `json:"uuid"`
}

// direction keeps subscribers apart by which side of their value they want.
func direction(wanted signal.Matches) string {
	ranged, ok := wanted.Range()
	switch {
	case !ok:
		return "="
	case above(ranged.Operator):
		return ">"
	}
	return "<"
}

func subscribePart(name string, shape signal.Shape, place, direction string) string {
	return "m/" + shape.ID() + direction + "/" + place + "/" + name
}

func (s *Subscriber) at(name string) store.Key {
	shape := signal.ShapeOf(s.Wanted)
	key := store.Key{Part: subscribePart(name, shape, shape.PlaceOf(s.Wanted), direction(s.Wanted)), Sort: s.ID}
	if ranged, ok := s.Wanted.Range(); ok {
		text, _ := cut(ranged.Value)
		key.Sort = text + end + s.ID
	}
	return key
}

// Subscribe puts a subscription, again if need be. Ensure must know the shape of what it wants.
func (b *Board) Subscribe(ctx context.Context, name string, s Subscriber) error {
	return b.Store.Put(ctx, store.Write{Item: store.Item{Key: s.at(name), Body: record.Encode(s), Expire: s.Expire}, If: store.Any})
}

// Unsubscribe removes a subscription, if it is there.
func (b *Board) Unsubscribe(ctx context.Context, name string, s Subscriber) error {
	return b.Store.Put(ctx, store.Write{Item: store.Item{Key: s.at(name)}, If: store.Any})
}

// Drop removes a subscription that Subscribers found.
func (b *Board) Drop(ctx context.Context, s Subscriber) error {
	return b.Store.Put(ctx, store.Write{Item: store.Item{Key: s.key}, If: store.Any})
}

// Subscribers hands everybody who wants a signal to do, until it says that it is done. What it reads grows with them, and
// not with those who want other values.
func (b *Board) Subscribers(ctx context.Context, in *signal.Instance, by Shapes, do func(Subscriber) (done bool, err error)) error {
	for _, shape := range by.known {
		place, ok := shape.Place(in.Params)
		if !ok {
			continue
		}
		for _, r := range subscriberRanges(in, shape.Shape, place) {
			over := false
			err := b.each(ctx, r, func(item store.Item) (bool, error) {
				found, err := record.Decode[Subscriber]("subscription", item.Body)
				if err != nil || !found.Wanted.Hold(in.Params) {
					return false, err
				}
				found.key = item.Key
				over, err = do(*found)
				return over, err
			})
			if err != nil || over {
				return err
			}
		}
	}
	return nil
}

// subscriberRanges returns where those stand who want the signal by a shape.
func subscriberRanges(in *signal.Instance, shape signal.Shape, place string) []store.Range {
	if shape.Ranged == "" {
		return []store.Range{{Part: subscribePart(in.Name, shape, place, "="), Limit: page}}
	}
	value := in.Params[shape.Ranged]
	text, _ := cut(value)
	from, to := kind(value)
	return []store.Range{
		{Part: subscribePart(in.Name, shape, place, ">"), From: from, To: text + after, Limit: page},
		{Part: subscribePart(in.Name, shape, place, "<"), From: text, To: to, Limit: page},
	}
}
