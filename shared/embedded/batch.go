package embedded

import (
	"bytes"

	"github.com/cockroachdb/pebble/v2"

	"github.com/segue-workflows/segue/shared/store"
)

// batch is one atomic write to the disk, with what later guards in it must know.
type batch struct {
	*pebble.Batch
	store   *Store
	items   map[store.Key]store.Item // written in this batch; Rev 0: deleted
	parts   map[string]struct{}
	changes uint64
}

// rev returns the revision that the key has now, earlier writes of the batch included, or store.Conflict
// when the write may not land on it.
func (b *batch) rev(w store.Write) (int64, error) {
	item, ok := b.items[w.Key]
	if !ok {
		var err error
		if item, err = b.store.load(w.Key); err != nil {
			return 0, err
		}
	}
	if !w.If.Holds(item.Rev) {
		// What made the guard fail may be on its way to the disk in this very batch: the loser is
		// answered after it, as everyone in the group is.
		item.Body = bytes.Clone(item.Body) // its writer may use its buffer again
		return 0, store.Conflict(item)
	}
	return item.Rev, nil
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
	b.items[w.Key] = item
	return b.change(key, w.Part)
}

func (b *batch) remove(k store.Key, tell bool) error {
	key := itemKey(k.Part, k.Sort)
	if err := b.Delete(key, nil); err != nil {
		return broken(err)
	}
	b.items[k] = store.Item{Key: k}
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
