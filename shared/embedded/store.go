package embedded

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync"
	"sync/atomic"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/segue-workflows/segue/shared/store"
)

// Store is a store.Store and a store.Feed in a folder. Make one with Open and end it with Close.
type Store struct {
	db        *pebble.DB
	closeLock io.Closer
	dir       string
	fs        vfs.FS
	keep      uint64

	life   sync.RWMutex // held for reading by every read, so that Close waits for them
	closed bool

	requests chan *request
	quit     chan struct{} // closed by Close
	stopped  chan struct{} // closed by the committer when it has ended

	flight atomic.Pointer[flight] // what is being written; nil when nothing is
	feed   feed
}

// Get returns the items of the keys. It fails with ErrUnavailable.
func (s *Store) Get(ctx context.Context, _ store.Read, keys ...store.Key) ([]store.Item, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	items := make([]store.Item, len(keys))
	for i, key := range keys {
		if items[i], err = s.load(key); err != nil {
			return nil, err
		}
	}
	for _, key := range keys {
		s.settle(key.Part)
	}
	return items, nil
}

// List returns a page of the range. It fails with ErrUnavailable.
func (s *Store) List(ctx context.Context, r store.Range) ([]store.Item, string, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, "", err
	}
	defer end()
	bounds := &pebble.IterOptions{LowerBound: itemKey(r.Part, r.From), UpperBound: partEnd(r.Part)}
	if r.To != "" {
		bounds.UpperBound = itemKey(r.Part, r.To)
	}
	if r.To != "" && r.From >= r.To {
		return nil, "", nil
	}
	it, err := s.db.NewIterWithContext(ctx, bounds)
	if err != nil {
		return nil, "", broken(err)
	}
	defer func() { _ = it.Close() }()
	items, next, err := collect(it, r)
	if err != nil {
		return nil, "", err
	}
	s.settle(r.Part)
	return items, next, nil
}

// collect walks the range until the page is full. The next key is the first one that is left out
// or, in reverse, the last one that is in: To is exclusive.
func collect(it *pebble.Iterator, r store.Range) (items []store.Item, next string, err error) {
	step, more := it.Next, it.First()
	if r.Reverse {
		step, more = it.Prev, it.Last()
	}
	page := store.Page{Limit: r.Limit}
	for ; more; more = step() {
		key, err := splitItemKey(it.Key())
		if err != nil {
			return nil, "", err
		}
		value, err := it.ValueAndErr()
		if err != nil {
			return nil, "", broken(err)
		}
		if page.Full() {
			if r.Reverse {
				return items, items[len(items)-1].Sort, nil
			}
			return items, key.Sort, nil
		}
		item, err := decode(key, append([]byte(nil), value...))
		if err != nil {
			return nil, "", err
		}
		items = append(items, item)
		page.Add(item)
	}
	if err := it.Error(); err != nil {
		return nil, "", broken(err)
	}
	return items, "", nil
}

// load reads one item as the engine has it, durable or not.
func (s *Store) load(key store.Key) (store.Item, error) {
	value, closer, err := s.db.Get(itemKey(key.Part, key.Sort))
	if errors.Is(err, pebble.ErrNotFound) {
		return store.Item{Key: key}, nil
	}
	if err != nil {
		return store.Item{}, broken(err)
	}
	defer func() { _ = closer.Close() }()
	return decode(key, append([]byte(nil), value...))
}

// settle waits until what a read of the part may have seen is durable. Called after the read: a
// batch is announced before it becomes visible, so a batch that is not announced now was not seen.
func (s *Store) settle(part string) {
	if f := s.flight.Load(); f != nil && f.touches(part) {
		<-f.landed
	}
}

// begin registers a reader. Every reader calls end.
func (s *Store) begin(ctx context.Context) (end func(), err error) {
	if err := ctx.Err(); err != nil {
		return nil, broken(err)
	}
	s.life.RLock()
	if s.closed {
		s.life.RUnlock()
		return nil, errClosed
	}
	return s.life.RUnlock, nil
}

// Close ends the store. Writes and reads under way are finished first, later ones fail with ErrUnavailable.
func (s *Store) Close() error {
	s.life.Lock()
	defer s.life.Unlock()
	if s.closed {
		return nil
	}
	s.closed = true
	close(s.quit)
	<-s.stopped
	return errors.Join(s.db.Close(), s.closeLock.Close())
}

var errClosed = fmt.Errorf("%w: it is closed", store.ErrUnavailable)

func broken(cause error) error { return fmt.Errorf("%w: %w", store.ErrUnavailable, cause) }
