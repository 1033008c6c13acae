package board

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
)

// Latest returns the latest signal of a name that satisfies conditions, whose shape Ensure must know; nil when there
// is none. With a range, that is the greatest value, and of those the newest. It reads one page however many signals
// there are, unless thousands agree in the first hundred bytes of the ranged value.
func (b *Board) Latest(ctx context.Context, name string, wanted signal.Matches) (*signal.Instance, error) {
	shape := signal.ShapeOf(wanted)
	r := store.Range{Part: indexPart(name, shape, shape.PlaceOf(wanted)), Reverse: true, Limit: 1}
	if ranged, ok := wanted.Range(); ok {
		r.From, r.To = bounds(ranged)
		if _, whole := cut(ranged.Value); !whole {
			r.Limit = page
		}
	}
	var seq int64
	err := b.each(ctx, r, func(item store.Item) (bool, error) {
		params, err := record.Decode[signal.Params]("index of a signal", item.Body)
		if err == nil && wanted.Hold(*params) {
			seq = seqOf(item.Sort)
		}
		return seq != 0, err
	})
	if err != nil || seq == 0 {
		return nil, err
	}
	return b.Get(ctx, name, seq)
}

// Candidate is a signal as an index holds it.
type Candidate struct {
	Seq    int64
	Params signal.Params
}

// Oldest hands the signals of a name with numbers from from to to that satisfy conditions to do, oldest first, until
// it says that it is done. Ensure must know the shape of the conditions that want equality.
func (b *Board) Oldest(ctx context.Context, name string, wanted signal.Matches, from, to int64, do func(Candidate) (done bool, err error)) error {
	equals := wanted.Equals()
	shape := signal.ShapeOf(equals)
	r := store.Range{Part: indexPart(name, shape, shape.PlaceOf(equals)), From: logKey(name, from).Sort, To: logKey(name, to+1).Sort, Limit: page}
	return b.each(ctx, r, func(item store.Item) (bool, error) {
		params, err := record.Decode[signal.Params]("index of a signal", item.Body)
		if err != nil || !wanted.Hold(*params) {
			return false, err
		}
		return do(Candidate{Seq: seqOf(item.Sort), Params: *params})
	})
}
