package memory

import (
	"context"
	"strconv"

	"github.com/segue-workflows/segue/shared/store"
)

const (
	feedKept = 100_000 // changes kept at least; twice as many before the old half is dropped
	feedPage = 1_000
)

// feed is the log of changes. Its cursors are the number of changes before them.
type feed struct {
	dropped int64
	changes []store.Change
	waiting chan struct{} // closed at the next change; nil when nobody waits
}

func (f *feed) add(c store.Change) {
	if len(f.changes) >= 2*feedKept {
		f.changes = append(make([]store.Change, 0, 2*feedKept), f.changes[feedKept:]...)
		f.dropped += feedKept
	}
	f.changes = append(f.changes, c)
}

func (f *feed) wake() {
	if f.waiting != nil {
		close(f.waiting)
		f.waiting = nil
	}
}

// Next returns at most 1,000 changes after the cursor. The last 100,000 changes are kept at least;
// an older cursor goes on from the oldest. Removal by expiry is not a change.
func (s *Store) Next(ctx context.Context, after store.Cursor) ([]store.Change, store.Cursor, error) {
	if err := ctx.Err(); err != nil {
		return nil, after, unavailable(err)
	}
	place := int64(0)
	if after != "" {
		n, err := strconv.ParseInt(string(after), 10, 64)
		if err != nil || n < 0 {
			return nil, after, store.ErrCursor
		}
		place = n
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	end := s.feed.dropped + int64(len(s.feed.changes))
	place = min(max(place, s.feed.dropped), end)
	from := place - s.feed.dropped
	to := min(from+feedPage, int64(len(s.feed.changes)))
	page := append([]store.Change(nil), s.feed.changes[from:to]...)
	return page, store.Cursor(strconv.FormatInt(s.feed.dropped+to, 10)), nil
}

// Changed returns a channel that is closed at the next change. Ask for it before you read Next to
// the end: then no change can slip in between.
func (s *Store) Changed() <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.feed.waiting == nil {
		s.feed.waiting = make(chan struct{})
	}
	return s.feed.waiting
}
