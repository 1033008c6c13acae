package sim

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/store"
)

// table is the store as the engine sees it: the memory adapter, with faults, with a past for stale reads,
// and with the ledger looking on at every write.
type table struct {
	world  *World
	memory *memory.Store
	past   map[store.Key][]landed
}

// landed is what an item was after a write.
type landed struct {
	at   int // the number of the write
	item store.Item
}

var _ store.Store = (*table)(nil)

func (t *table) refuse(port Port) error {
	switch {
	case t.world.strike(Throttled, port):
		return store.ErrThrottled
	case t.world.strike(Unavailable, port):
		return fmt.Errorf("down: %w", store.ErrUnavailable)
	}
	return nil
}

// Get reads items.
func (t *table) Get(ctx context.Context, how store.Read, keys ...store.Key) ([]store.Item, error) {
	w := t.world
	w.enter(PortGet)
	if err := t.refuse(PortGet); err != nil {
		return nil, err
	}
	items, err := t.memory.Get(ctx, how, keys...)
	if how == store.Stale && w.strike(StaleRead, PortGet) {
		horizon := w.writes - w.random.IntN(50)
		for i, key := range keys {
			items[i] = t.asOf(key, horizon)
		}
	}
	w.lookBack(w.current, keys, items)
	for i, item := range items {
		w.trace.line(w, "task %d gets %s/%s: revision %d", w.current.id, keys[i].Part, keys[i].Sort, item.Rev)
	}
	w.leave(PortGet)
	return items, err
}

// asOf returns an item as it was after the given write.
func (t *table) asOf(key store.Key, horizon int) store.Item {
	out := store.Item{Key: key}
	for _, past := range t.past[key] {
		if past.at > horizon {
			break
		}
		out = past.item
	}
	return out
}

// List reads a page.
func (t *table) List(ctx context.Context, r store.Range) ([]store.Item, string, error) {
	w := t.world
	w.enter(PortList)
	if err := t.refuse(PortList); err != nil {
		return nil, "", err
	}
	if w.blind(w.current, r.Part) {
		return nil, "", nil
	}
	items, next, err := t.memory.List(ctx, r)
	if len(items) > 0 || r.Part[0] != 't' { // a sweep lists many empty partitions
		w.trace.line(w, "task %d lists %s: %d items%s", w.current.id, r.Part, len(items), newest(items))
	}
	w.leave(PortList)
	return items, next, err
}

func newest(items []store.Item) string {
	if len(items) == 0 {
		return ""
	}
	return ", first " + items[0].Sort
}

// Put writes an item.
func (t *table) Put(ctx context.Context, write store.Write) error {
	w := t.world
	w.enter(PortPut)
	if err := t.refuse(PortPut); err != nil {
		return err
	}
	if w.tooth == RequestFirst {
		t.requestFirst(ctx, write)
	}
	err := t.land(ctx, w.loosen(write))
	w.leave(PortPut)
	if err == nil && w.strike(LostAnswer, PortPut) {
		return store.ErrUnavailable
	}
	return err
}

// land writes an item without faults.
func (t *table) land(ctx context.Context, write store.Write) error {
	w := t.world
	if w.tooth == WakeItems && strings.HasPrefix(write.Part, "t/") && write.Part != "t/~" {
		return nil
	}
	err := t.memory.Put(ctx, write)
	if err != nil {
		if w.tooth == ClaimLies && errors.Is(err, store.ErrGuard) && strings.HasPrefix(w.current.name, hint.Dispatch) {
			return nil
		}
		w.trace.line(w, "task %d puts %s/%s: %v", w.current.id, write.Part, write.Sort, err)
		return err
	}
	w.writes++
	items, _ := t.memory.Get(ctx, store.Fresh, write.Key)
	if write.Part[0] != 't' {
		t.past[write.Key] = append(t.past[write.Key], landed{w.writes, items[0]})
	}
	w.trace.line(w, "task %d puts %s/%s: revision %d", w.current.id, write.Part, write.Sort, items[0].Rev)
	w.ledger.landed(items[0])
	return nil
}

// PutAll writes all items or none.
func (t *table) PutAll(ctx context.Context, writes ...store.Write) error {
	w := t.world
	w.enter(PortPut)
	if err := t.refuse(PortPut); err != nil {
		return err
	}
	err := t.memory.PutAll(ctx, writes...)
	for _, write := range writes {
		w.trace.line(w, "task %d puts %s/%s together with others: %v", w.current.id, write.Part, write.Sort, err)
		if err == nil {
			w.ledger.landed(write.Item)
		}
	}
	w.leave(PortPut)
	if err == nil && w.strike(LostAnswer, PortPut) {
		return store.ErrUnavailable
	}
	return err
}
