package embedded

import (
	"context"
	"time"

	"github.com/cockroachdb/pebble/v2"
)

const sweepPage = 500

// Sweep removes what expired until now and returns how many items that were. The host calls it now
// and then, once a minute say; until then expired items can still be read. It fails with
// ErrUnavailable, and may then have removed some.
func (s *Store) Sweep(ctx context.Context, now time.Time) (removed int, err error) {
	for {
		due, err := s.due(ctx, now)
		if err != nil || len(due) == 0 {
			return removed, err
		}
		n := 0
		err = s.commit(ctx, 0, func(b *batch) error {
			n, err = b.expire(due, now)
			return err
		})
		removed += n
		if err != nil || len(due) < sweepPage {
			return removed, err
		}
	}
}

// due returns a page of the expiry keys up to now.
func (s *Store) due(ctx context.Context, now time.Time) ([][]byte, error) {
	end, err := s.begin(ctx)
	if err != nil {
		return nil, err
	}
	defer end()
	it, err := s.db.NewIter(&pebble.IterOptions{LowerBound: []byte{expirySpace}, UpperBound: expiryKey(now.Add(time.Second), nil)})
	if err != nil {
		return nil, broken(err)
	}
	defer func() { _ = it.Close() }()
	var keys [][]byte
	for more := it.First(); more && len(keys) < sweepPage; more = it.Next() {
		keys = append(keys, append([]byte(nil), it.Key()...))
	}
	return keys, it.Error()
}

// expire removes the items of the expiry keys, but not those that were given a later end meanwhile.
func (b *batch) expire(keys [][]byte, now time.Time) (removed int, err error) {
	for _, key := range keys {
		k, err := splitItemKey(key[len(expiryKey(now, nil)):])
		if err != nil {
			return 0, err
		}
		if _, written := b.items[k]; written {
			continue // in this very batch, perhaps with this very expiry: the next sweep sees to it
		}
		if err := b.Delete(key, nil); err != nil {
			return 0, broken(err)
		}
		item, err := b.store.load(k)
		if err != nil {
			return 0, err
		}
		if item.Rev == 0 || item.Expire.IsZero() || item.Expire.After(now) {
			continue
		}
		if err := b.remove(k, false); err != nil {
			return 0, err
		}
		removed++
	}
	return removed, nil
}
