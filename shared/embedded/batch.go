package embedded

import (
	"github.com/cockroachdb/pebble/v2"

	"github.com/segue-workflows/segue/shared/store"
)

// batch is one atomic write to the disk, with what later guards in it must know.
type batch struct {
	*pebble.Batch
	store   *Store
	revs    map[store.Key]int64 // of keys written in this batch; 0: deleted
	parts   map[string]struct{}
	changes uint64
}

// rev returns the revision that the key has now, earlier writes of the batch included, or ErrGuard
// when the write may not land on it.
func (b *batch) rev(w store.Write) (int64, error) {
	rev, ok := b.revs[w.Key]
	if !ok {
		item, err := b.store.load(w.Key)
		if err != nil {
			return 0, err
		}
		rev = item.Rev
	}
	if !w.If.Holds(rev) {
		// What made the guard fail may be on its way to the disk in this very batch: the loser is
		// answered after it, as everyone in the group is.
		return 0, store.ErrGuard
	}
	return rev, nil
}

// write puts or deletes an item that has revision rev now.
func (b *batch) write(w store.Write, rev int64) error {
	if w.Body == nil {
		if rev == 0 {
			return nil
		}
		return b.remove(w.Key, true)
	}
	key := itemKey(w.Part, w.Sort)
	item := store.Item{Key: w.Key, Rev: rev + 1, Body: w.Body, Expire: store.ExpirySecond(w.Expire)}
	if err := b.Set(key, encode(item), nil); err != nil {
		return broken(err)
	}
	if !item.Expire.IsZero() {
		if err := b.Set(expiryKey(item.Expire, key), nil, nil); err != nil {
			return broken(err)
		}
	}
	b.revs[w.Key] = item.Rev
	return b.change(key, w.Part)
}

func (b *batch) remove(k store.Key, tell bool) error {
	key := itemKey(k.Part, k.Sort)
	if err := b.Delete(key, nil); err != nil {
		return broken(err)
	}
	b.revs[k] = 0
	b.parts[k.Part] = struct{}{}
	if !tell {
		return nil
	}
	return b.change(key, k.Part)
}

// change appends to the feed.
func (b *batch) change(key []byte, part string) error {
	b.parts[part] = struct{}{}
	b.changes++
	if err := b.Set(changeKey(b.store.feed.last()+b.changes), key, nil); err != nil {
		return broken(err)
	}
	return nil
}
