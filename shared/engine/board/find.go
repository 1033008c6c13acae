package board

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
)

// Latest returns the latest signal of a name that satisfies conditions, whose shape Ensure must know; nil when there
// is none. With a range, that is the greatest value, and of those the newest. It reads one page however many signals
// there are, unless thousands agree in the first hundred bytes of the ranged value. The newest signal of the name may be in
// no index yet: it is read first, from the log.
func (b *Board) Latest(ctx context.Context, name string, wanted signal.Matches) (*signal.Instance, error) {
	newest, err := b.Newest(ctx, name)
	if err != nil || newest == nil {
		return nil, err
	}
	ranged, ordered := wanted.Range()
	holds := wanted.Hold(newest.Params)
	if holds && !ordered {
		return newest, nil
	}
	seq, params, err := b.latestIndexed(ctx, name, wanted)
	if err != nil {
		return nil, err
	}
	if holds && (seq == 0 || !ranged.Before(newest.Params, params)) {
		return newest, nil
	}
	if seq == 0 {
		return nil, nil
	}
	return b.Get(ctx, name, seq)
}

// latestIndexed is Latest among the signals that are in the index; its number is 0 when there is none.
func (b *Board) latestIndexed(ctx context.Context, name string, wanted signal.Matches) (seq int64, found signal.Params, err error) {
	shape := signal.ShapeOf(wanted)
	r := store.Range{Part: indexPart(name, shape, shape.PlaceOf(wanted)), Reverse: true, Limit: 1}
	if ranged, ok := wanted.Range(); ok {
		r.From, r.To = bounds(ranged)
		if _, whole := cut(ranged.Value); !whole {
			r.Limit = page
		}
	}
	err = b.each(ctx, r, func(item store.Item) (bool, error) {
		params, err := record.Decode[signal.Params]("index of a signal", item.Body)
		if err == nil && wanted.Hold(*params) {
			seq, found = seqOf(item.Sort), *params
		}
		return seq != 0, err
	})
	return seq, found, err
}

// Candidate is a signal as an index holds it.
type Candidate struct {
	Seq    int64
	Params signal.Params
}

// Oldest hands the signals of a name from a number up to last that satisfy conditions to do, oldest first, until it says
// that it is done. Ensure must know the shape of the conditions that want equality. last is a signal in the log, and may be
// in no index yet; nil: there is none.
func (b *Board) Oldest(ctx context.Context, name string, wanted signal.Matches, from int64, last *signal.Instance, do func(Candidate) (done bool, err error)) error {
	if last == nil || from > last.Seq {
		return nil
	}
	over := false
	if from < last.Seq {
		err := b.oldestIndexed(ctx, name, wanted, from, last.Seq, func(c Candidate) (bool, error) {
			done, err := do(c)
			over = over || done
			return done, err
		})
		if err != nil || over {
			return err
		}
	}
	if wanted.Hold(last.Params) {
		_, err := do(Candidate{Seq: last.Seq, Params: last.Params})
		return err
	}
	return nil
}

// oldestIndexed is Oldest for numbers from from to before to.
func (b *Board) oldestIndexed(ctx context.Context, name string, wanted signal.Matches, from, to int64, do func(Candidate) (done bool, err error)) error {
	equals := wanted.Equals()
	shape := signal.ShapeOf(equals)
	r := store.Range{Part: indexPart(name, shape, shape.PlaceOf(equals)), From: logKey(name, from).Sort, To: logKey(name, to).Sort, Limit: page}
	return b.each(ctx, r, func(item store.Item) (bool, error) {
		params, err := record.Decode[signal.Params]("index of a signal", item.Body)
		if err != nil || !wanted.Hold(*params) {
			return false, err
		}
		return do(Candidate{Seq: seqOf(item.Sort), Params: *params})
	})
}
