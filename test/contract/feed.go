package contract

import (
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/segue-workflows/segue/shared/store"
)

// drain reads the feed until it has nothing more.
func drain(f store.Feed, after store.Cursor, each func(store.Change)) (store.Cursor, error) {
	for {
		changes, next, err := f.Next(background, after)
		if err != nil || len(changes) == 0 {
			return next, err
		}
		for _, c := range changes {
			each(c)
		}
		after = next
	}
}

func needFeed(t *testing.T, s StoreSubject) {
	t.Helper()
	if s.Feed == nil {
		t.Skip("this adapter has no feed")
	}
}

func feedOrder(t *testing.T, s StoreSubject) {
	needFeed(t, s)
	cursor, err := drain(s.Feed, "", func(store.Change) { t.Error("a new store has changes") })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 1_500 { // more than a page
		mustPut(t, s.Store, write("p", fmt.Sprintf("%04d", i), []byte{byte(i)}, store.Absent))
	}
	mustPut(t, s.Store, write("p", "0007", []byte("again"), store.At(1)))
	mustPut(t, s.Store, write("p", "0008", nil, store.At(1)))
	mustPut(t, s.Store, write("p", "nothing", nil, store.Any))
	if err := s.Store.Put(background, write("p", "0009", []byte("no"), store.Absent)); !errors.Is(err, store.ErrGuard) {
		t.Fatal(err)
	}
	if err := s.Store.PutAll(background, write("q", "a", []byte("a"), store.Absent), write("q", "b", []byte("b"), store.Absent)); err != nil {
		t.Fatal(err)
	}
	last, told := map[store.Key]store.Change{}, 0
	end, err := drain(s.Feed, cursor, func(c store.Change) { last[c.Key], told = c, told+1 })
	if err != nil {
		t.Fatal(err)
	}
	if len(last) != 1_502 || told < 1_504 {
		t.Errorf("%d keys in %d changes", len(last), told)
	}
	var keys []store.Key
	for key := range last {
		keys = append(keys, key)
	}
	items, err := s.Store.Get(background, store.Fresh, keys...)
	if err != nil {
		t.Fatal(err)
	}
	for n, key := range keys {
		if i, c := items[n], last[key]; i.Rev != c.Rev || string(i.Body) != string(c.Body) || (c.Body == nil) != (i.Rev == 0) {
			t.Errorf("%v was told last as %q at %d, is %q at %d", key, c.Body, c.Rev, i.Body, i.Rev)
		}
	}
	if _, err := drain(s.Feed, end, func(c store.Change) { t.Errorf("%v is told after the end", c.Key) }); err != nil {
		t.Error(err)
	}
	if _, _, err := s.Feed.Next(background, "no cursor"); !errors.Is(err, store.ErrCursor) {
		t.Errorf("a wrong cursor: %v", err)
	}
}

func feedConcurrent(t *testing.T, s StoreSubject) {
	needFeed(t, s)
	const each = 50
	revs := map[store.Key]int64{}
	var fell error
	note := func(c store.Change) {
		if c.Rev < revs[c.Key] {
			fell = fmt.Errorf("%v fell from revision %d to %d", c.Key, revs[c.Key], c.Rev)
		}
		revs[c.Key] = c.Rev
	}
	var cursor store.Cursor
	var writing atomic.Int32
	writing.Store(8)
	together(t, 9, func(w int) (err error) {
		if w == 8 { // the reader
			for err == nil && writing.Load() > 0 {
				cursor, err = drain(s.Feed, cursor, note)
			}
			return err
		}
		defer writing.Add(-1)
		for i := range each {
			if err := s.Store.Put(background, write("p", fmt.Sprint(w%4), []byte(fmt.Sprint(w, i)), store.Any)); err != nil {
				return err
			}
		}
		return nil
	})
	if _, err := drain(s.Feed, cursor, note); err != nil || fell != nil {
		t.Fatal(err, fell)
	}
	for key, rev := range revs {
		if rev != 2*each {
			t.Errorf("%v ends at revision %d, want %d", key, rev, 2*each)
		}
	}
	if len(revs) != 4 {
		t.Errorf("%d keys were told", len(revs))
	}
}
