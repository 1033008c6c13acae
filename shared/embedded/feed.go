package embedded

import (
	"context"
	"encoding/binary"
	"strconv"
	"sync"

	"github.com/cockroachdb/pebble/v2"

	"github.com/segue-workflows/segue/shared/store"
)

const feedPage = 1_000

// feed knows which numbers the log of changes has. Only what is durable counts.
type feed struct {
	mu      sync.Mutex
	first   uint64 // number of the oldest change kept
	durable uint64 // number of the newest change; numbers begin with 1
	waiting chan struct{}
}

func (f *feed) last() uint64 {
	f.mu.Lock()
	defer f.mu.Unlock()
	return f.durable
}

func (f *feed) advance(changes uint64) {
	f.mu.Lock()
	defer f.mu.Unlock()
	f.durable += changes
	if changes > 0 && f.waiting != nil {
		close(f.waiting)
		f.waiting = nil
	}
}

// findFeed reads the ends of the log.
func (s *Store) findFeed() error {
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{changeSpace}, UpperBound: []byte{changeSpace + 1}})
	if err != nil {
		return broken(err)
	}
	defer func() { _ = it.Close() }()
	s.feed.first = 1
	if it.First() {
		s.feed.first = binary.BigEndian.Uint64(it.Key()[1:])
	}
	if it.Last() {
		s.feed.durable = binary.BigEndian.Uint64(it.Key()[1:])
	}
	return it.Error()
}

// trim forgets the oldest changes, a tenth of what is kept at a time. The newest always stays, so
// that numbers go on from it after the next Open.
func (b *batch) trim() error {
	f := &b.store.feed
	f.mu.Lock()
	defer f.mu.Unlock()
	keep := b.store.keep
	if f.durable+1-f.first <= keep+keep/10 {
		return nil
	}
	first := f.durable + 1 - keep
	if err := b.DeleteRange(changeKey(f.first), changeKey(first), nil); err != nil {
		return broken(err)
	}
	f.first = first
	return nil
}

// Next returns at most 1,000 changes after the cursor, each with its item as it is now: a write
// that was overwritten meanwhile shows as the newer one.
func (s *Store) Next(ctx context.Context, after store.Cursor) ([]store.Change, store.Cursor, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, after, err
	}
	defer end()
	number := uint64(0)
	if after != "" {
		if number, err = strconv.ParseUint(string(after), 10, 63); err != nil {
			return nil, after, store.ErrCursor
		}
	}
	keys, number, err := s.changed(number)
	if err != nil {
		return nil, after, err
	}
	changes := make([]store.Change, 0, len(keys))
	for _, key := range keys {
		item, err := s.load(key)
		if err != nil {
			return nil, after, err
		}
		s.settle(key.Part)
		changes = append(changes, store.Change{Item: item})
	}
	return changes, store.Cursor(strconv.FormatUint(number, 10)), nil
}

// changed returns the keys of the page after number, and the number of its last one.
func (s *Store) changed(number uint64) ([]store.Key, uint64, error) {
	last := s.feed.last()
	if number >= last {
		return nil, min(number, last), nil
	}
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: changeKey(number + 1), UpperBound: changeKey(last + 1)})
	if err != nil {
		return nil, 0, broken(err)
	}
	defer func() { _ = it.Close() }()
	var keys []store.Key
	for more := it.First(); more && len(keys) < feedPage; more = it.Next() {
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, 0, broken(err)
		}
		key, err := splitItemKey(value)
		if err != nil {
			return nil, 0, err
		}
		keys = append(keys, key)
		number = binary.BigEndian.Uint64(it.Key()[1:])
	}
	return keys, number, it.Error()
}

// Changed returns a channel that is closed at the next change. Ask for it before you read Next to
// the end: then no change can slip in between.
func (s *Store) Changed() <-chan struct{} {
	s.feed.mu.Lock()
	defer s.feed.mu.Unlock()
	if s.feed.waiting == nil {
		s.feed.waiting = make(chan struct{})
	}
	return s.feed.waiting
}
