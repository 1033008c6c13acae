package memory

import (
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/store"
)

// Store is a store.Store and a store.Feed in memory. Bodies that it returns are shared between
// readers and must not be changed.
type Store struct {
	now func() time.Time

	mu         sync.Mutex
	partitions map[string]*partition
	expiries   expiries
	feed       feed
	meter      *meter.Meter
	size       meter.Size
}

// NewStore returns an empty store. now decides when an item has expired.
func NewStore(now func() time.Time) *Store {
	return &Store{now: now, partitions: map[string]*partition{}, size: func(store.Item) int { return 0 }}
}

// Count makes the store count on m what the table would bill, taking the size of items from size.
// Only what is written from now on has a size.
func (s *Store) Count(m *meter.Meter, size meter.Size) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.meter, s.size = m, size
}

// Get returns the items of the keys. It fails only when the context has ended.
func (s *Store) Get(ctx context.Context, how store.Read, keys ...store.Key) ([]store.Item, error) {
	if err := ctx.Err(); err != nil {
		return nil, unavailable(err)
	}
	items := make([]store.Item, len(keys))
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	s.meter.Call()
	for i, key := range keys {
		items[i].Key = key
		size := 0
		if r := s.find(key); r != nil {
			items[i], size = r.Item, r.size
		}
		s.meter.Read(meter.ReadHalves(size, how))
	}
	return items, nil
}

// List returns a page of the range. It fails only when the context has ended.
func (s *Store) List(ctx context.Context, r store.Range) ([]store.Item, string, error) {
	if err := ctx.Err(); err != nil {
		return nil, "", unavailable(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	var span []*record
	if p := s.partitions[r.Part]; p != nil {
		span = p.span(r.From, r.To)
	}
	page, next := cut(span, r)
	items, bytes := make([]store.Item, len(page)), 0
	for i, found := range page {
		items[i] = found.Item
		bytes += found.size
	}
	if r.Reverse {
		slices.Reverse(items)
	}
	s.meter.Call()
	s.meter.Read(meter.ReadHalves(bytes, r.Read))
	return items, next, nil
}

// cut takes a page from the end where the range begins. The next key is the first one that is left
// out or, in reverse, the last one that is in: To is exclusive.
func cut(span []*record, r store.Range) (rest []*record, next string) {
	page, n := store.Page{Limit: r.Limit}, 0
	for ; n < len(span) && !page.Full(); n++ {
		if r.Reverse {
			page.Add(span[len(span)-1-n].Item)
		} else {
			page.Add(span[n].Item)
		}
	}
	switch {
	case n == len(span):
		return span, ""
	case r.Reverse:
		rest = span[len(span)-n:]
		return rest, rest[0].Sort
	default:
		return span[:n], span[n].Sort
	}
}

// Put lands the write or fails with ErrGuard. A body over store.MaxBody is invalid.
func (s *Store) Put(ctx context.Context, w store.Write) error {
	if err := check(ctx, w); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	s.meter.Call()
	old, next := s.prepare(w)
	units := meter.WriteUnits(sizeOf(old), next.size)
	if !w.If.Holds(revOf(old)) {
		s.meter.Refuse(units)
		if old == nil {
			return store.Conflict(store.Item{Key: w.Key})
		}
		return store.Conflict(old.Item)
	}
	s.meter.Write(units)
	s.land(old, next)
	s.feed.wake()
	return nil
}

// PutAll lands all writes or none.
func (s *Store) PutAll(ctx context.Context, ws ...store.Write) error {
	if err := store.CheckAll(ws); err != nil {
		return err
	}
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.expire()
	s.meter.Call()
	olds, nexts := make([]*record, len(ws)), make([]*record, len(ws))
	units, holds := 0, true
	for i, w := range ws {
		olds[i], nexts[i] = s.prepare(w)
		units += meter.TransactionUnits(sizeOf(olds[i]), nexts[i].size)
		holds = holds && w.If.Holds(revOf(olds[i]))
	}
	if !holds {
		s.meter.Refuse(units)
		return store.ErrGuard
	}
	s.meter.Write(units)
	for i := range ws {
		s.land(olds[i], nexts[i])
	}
	s.feed.wake()
	return nil
}

// prepare returns the record that is there and the one that would take its place.
func (s *Store) prepare(w store.Write) (old, next *record) {
	old = s.find(w.Key)
	next = &record{Item: w.Item}
	next.Rev, next.Expire = revOf(old)+1, store.ExpirySecond(w.Expire)
	if w.Body == nil {
		next.Rev = 0
		return old, next
	}
	next.Body = slices.Clip(append([]byte{}, w.Body...)) // the writer may use its buffer again
	next.size = s.size(next.Item)
	return old, next
}

func (s *Store) land(old, next *record) {
	if next.Body == nil {
		if old != nil {
			s.partitions[next.Part].remove(next.Sort)
			s.feed.add(store.Change{Item: store.Item{Key: next.Key}})
		}
		return
	}
	p := s.partitions[next.Part]
	if p == nil {
		p = &partition{}
		s.partitions[next.Part] = p
	}
	p.set(next)
	s.expiries.add(next)
	s.feed.add(store.Change{Item: next.Item})
}

func (s *Store) find(key store.Key) *record {
	if p := s.partitions[key.Part]; p != nil {
		return p.find(key.Sort)
	}
	return nil
}

func check(ctx context.Context, w store.Write) error {
	if err := ctx.Err(); err != nil {
		return unavailable(err)
	}
	return store.Check(w)
}

func unavailable(cause error) error { return fmt.Errorf("%w: %w", store.ErrUnavailable, cause) }

func revOf(r *record) int64 {
	if r == nil {
		return 0
	}
	return r.Rev
}

func sizeOf(r *record) int {
	if r == nil {
		return 0
	}
	return r.size
}
