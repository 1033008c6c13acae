package board

import (
	"context"
	"errors"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Board is the signals in a store.
type Board struct {
	Store   store.Store
	Indexed *Indexed // nil: nothing is remembered
}

// identity remembers that somebody announces, or announced, a signal.
type identity struct {
	Floor int64 `json:"f"` // the newest signal of the name before: this one is newer
}

// page is how many signals are read at once.
const page = 100

// maxTries is how many announcements may come between before the caller pauses.
const maxTries = 64

// Newest returns the newest signal of a name; nil when there is none.
func (b *Board) Newest(ctx context.Context, name string) (*signal.Instance, error) {
	items, _, err := b.Store.List(ctx, store.Range{Part: logPart(name), To: "~", Reverse: true, Limit: 1})
	if err != nil || len(items) == 0 {
		return nil, err
	}
	return decode(items[0])
}

// Get returns a signal. It returns CodeNotFound when there is none.
func (b *Board) Get(ctx context.Context, name string, seq int64) (*signal.Instance, error) {
	for _, how := range []store.Read{store.Stale, store.Fresh} { // it never changes: the cheap read may find it
		items, err := b.Store.Get(ctx, how, logKey(name, seq))
		if err != nil {
			return nil, err
		}
		if items[0].Rev != 0 {
			return decode(items[0])
		}
	}
	return nil, workflow.Errorf(workflow.CodeNotFound, "there is no signal %d of that name", seq)
}

func decode(item store.Item) (*signal.Instance, error) {
	in, err := record.Decode[signal.Instance]("signal", item.Body)
	if err == nil {
		in.Seq = seqOf(item.Sort)
	}
	return in, err
}

// Append puts a signal into the log, and tells whether it was not there yet; in.Seq becomes its number. It fails
// with store.ErrGuard when too many others were faster: try again. What follows from a signal does not happen here.
func (b *Board) Append(ctx context.Context, in *signal.Instance) (fresh bool, err error) {
	newest, err := b.Newest(ctx, in.Name)
	if err != nil {
		return false, err
	}
	found, err := b.announced(ctx, in, newest)
	if err != nil || found {
		return false, err
	}
	for range maxTries {
		// Nothing stands on a signal that an index may lack: its publisher can have died.
		if newest != nil {
			if err := b.complete(ctx, newest); err != nil {
				return false, err
			}
		}
		in.Seq = seqAfter(newest)
		err := b.Store.Put(ctx, store.Write{Item: store.Item{Key: logKey(in.Name, in.Seq), Body: record.Encode(in)}, If: store.Absent})
		if !errors.Is(err, store.ErrGuard) {
			return err == nil, err
		}
		items, err := b.Store.Get(ctx, store.Fresh, logKey(in.Name, in.Seq))
		if err != nil {
			return false, err
		}
		if newest, err = decode(items[0]); err != nil {
			return false, err
		}
		if newest.Identity == in.Identity {
			return false, nil
		}
	}
	return false, store.ErrGuard
}

func seqAfter(newest *signal.Instance) int64 {
	if newest == nil {
		return 1
	}
	return newest.Seq + 1
}

// announced notes the identity of a signal, and finds the signal when somebody has put it already. newest must have
// been read before: then a signal that is put by another who found our note is younger, and met when we put ours.
func (b *Board) announced(ctx context.Context, in, newest *signal.Instance) (bool, error) {
	key, last := identityKey(in.Name, in.Identity), seqAfter(newest)-1
	err := b.Store.Put(ctx, store.Write{Item: store.Item{Key: key, Body: record.Encode(identity{last})}, If: store.Absent})
	if err == nil || !errors.Is(err, store.ErrGuard) {
		return false, err
	}
	other, err := b.find(ctx, in.Name, in.Identity, last)
	if err != nil || other == nil {
		return false, err
	}
	*in = *other
	return true, nil
}

// Find returns the signal of an identity; nil when none was put.
func (b *Board) Find(ctx context.Context, name, who string) (*signal.Instance, error) {
	newest, err := b.Newest(ctx, name)
	if err != nil || newest == nil {
		return nil, err
	}
	return b.find(ctx, name, who, newest.Seq)
}

// find looks for the signal of an identity among those up to a number.
func (b *Board) find(ctx context.Context, name, who string, last int64) (found *signal.Instance, err error) {
	items, err := b.Store.Get(ctx, store.Fresh, identityKey(name, who))
	if err != nil || items[0].Rev == 0 {
		return nil, err
	}
	known, err := record.Decode[identity]("identity of a signal", items[0].Body)
	if err != nil {
		return nil, err
	}
	r := store.Range{Part: logPart(name), From: logKey(name, known.Floor+1).Sort, To: logKey(name, last+1).Sort, Limit: page}
	err = b.each(ctx, r, func(item store.Item) (bool, error) {
		other, err := decode(item)
		if err == nil && other.Identity == who {
			found = other
		}
		return found != nil, err
	})
	return found, err
}

// each hands the items of a range to do, page by page, until it says that it is done.
func (b *Board) each(ctx context.Context, r store.Range, do func(store.Item) (done bool, err error)) error {
	for {
		items, next, err := b.Store.List(ctx, r)
		if err != nil {
			return err
		}
		for _, item := range items {
			if done, err := do(item); err != nil || done {
				return err
			}
		}
		switch {
		case next == "":
			return nil
		case r.Reverse:
			r.To = next
		default:
			r.From = next
		}
	}
}
