package embedded

import (
	"context"
	"fmt"
	"time"

	"github.com/cockroachdb/pebble/v2"

	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

const (
	groupLimit = 512
	groupBytes = 16 << 20
	company    = 150 * time.Microsecond // how long the committer waits for writers that came together before
	diskSpare  = 64 << 20               // below this much free space writes are refused, so that the engine never fails half-way
)

// request is something to be written under the guards of its own. judge adds it to the batch, or
// returns why not and then has added nothing.
type request struct {
	bytes  int
	judge  func(*batch) error
	answer chan error
}

// flight is a batch on its way to the disk.
type flight struct {
	parts  map[string]struct{}
	landed chan struct{}
}

func (f *flight) touches(part string) bool {
	_, ok := f.parts[part]
	return ok
}

// Put lands the write or fails with ErrGuard or ErrUnavailable. It returns when the write is on the disk.
func (s *Store) Put(ctx context.Context, w store.Write) error {
	if err := store.Check(w); err != nil {
		return err
	}
	return s.commit(ctx, len(w.Body), func(b *batch) error {
		rev, err := b.rev(w)
		if err != nil {
			return err
		}
		return b.write(w, rev)
	})
}

// PutAll lands all writes or none. Errors as Put.
func (s *Store) PutAll(ctx context.Context, ws ...store.Write) error {
	if err := store.CheckAll(ws); err != nil {
		return err
	}
	bytes := 0
	for _, w := range ws {
		bytes += len(w.Body)
	}
	return s.commit(ctx, bytes, func(b *batch) error {
		revs := make([]int64, len(ws))
		for i, w := range ws {
			var err error
			if revs[i], err = b.rev(w); err != nil {
				return err
			}
		}
		for i, w := range ws {
			if err := b.write(w, revs[i]); err != nil {
				return err
			}
		}
		return nil
	})
}

// commit hands the request to the committer and waits for the verdict, which comes for certain
// once it is taken: so the context counts only before.
func (s *Store) commit(ctx context.Context, bytes int, judge func(*batch) error) error {
	if err := ctx.Err(); err != nil {
		return broken(err)
	}
	r := &request{bytes: bytes, judge: judge, answer: make(chan error, 1)}
	select {
	case s.requests <- r:
		return <-r.answer
	case <-s.quit:
		return errClosed
	case <-ctx.Done():
		return broken(ctx.Err())
	}
}

// run is the committer.
func (s *Store) run() {
	defer close(s.stopped)
	before := 1
	for {
		select {
		case <-s.quit:
			return
		case first := <-s.requests:
			group := s.gather(first, before)
			s.write(group)
			before = len(group)
		}
	}
}

// gather takes all requests that are waiting. After a group of several it waits a moment for as
// many: they were answered together, so they come again together.
func (s *Store) gather(first *request, before int) []*request {
	group, bytes := []*request{first}, first.bytes
	var over <-chan time.Time
	for len(group) < groupLimit && bytes < groupBytes {
		select {
		case r := <-s.requests:
			group, bytes = append(group, r), bytes+r.bytes
			continue
		default:
		}
		if len(group) >= before {
			return group
		}
		if over == nil {
			timer := time.NewTimer(company)
			defer timer.Stop()
			over = timer.C
		}
		select {
		case r := <-s.requests:
			group, bytes = append(group, r), bytes+r.bytes
		case <-over:
			return group
		}
	}
	return group
}

// write judges the group, writes what holds with one fsync, and answers everyone: those who lost
// too only now, because what they lost against may be in the same batch.
func (s *Store) write(group []*request) {
	b := &batch{store: s, Batch: s.db.NewBatch(), items: map[store.Key]store.Item{}, parts: map[string]struct{}{}}
	verdicts := make([]error, len(group))
	full := s.checkDisk(group)
	for i, r := range group {
		if verdicts[i] = full; full == nil {
			verdicts[i] = r.judge(b)
		}
	}
	if err := s.land(b); err != nil {
		for i := range verdicts {
			verdicts[i] = err
		}
	}
	for i, r := range group {
		r.answer <- verdicts[i]
	}
}

func (s *Store) land(b *batch) error {
	defer func() { _ = b.Close() }()
	if b.Empty() {
		return nil
	}
	if err := b.trim(); err != nil {
		return err
	}
	f := &flight{parts: b.parts, landed: make(chan struct{})}
	s.flight.Store(f)
	err := s.db.Apply(b.Batch, pebble.Sync)
	if err == nil {
		s.feed.advance(b.changes)
	}
	s.flight.Store(nil)
	close(f.landed)
	if err != nil {
		return broken(err)
	}
	return nil
}

// checkDisk refuses writes while there is still room: a log that hits the end of the disk cannot go on.
func (s *Store) checkDisk(group []*request) error {
	usage, err := s.fs.GetDiskUsage(s.dir)
	if err != nil {
		return nil // a system that cannot tell: the log will
	}
	need := uint64(diskSpare)
	for _, r := range group {
		need += 2 * uint64(r.bytes)
	}
	if usage.AvailBytes >= need {
		return nil
	}
	return &workflow.Error{Code: workflow.CodeUnavailable, Cause: store.ErrUnavailable, Text: fmt.Sprintf(
		"the disk of the folder %s is full: free at least %d MB", s.dir, need>>20)}
}
