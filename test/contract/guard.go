package contract

import (
	"bytes"
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/store"
)

func guardTable(t *testing.T, s StoreSubject) {
	for _, tt := range []struct {
		name    string
		before  int // revision of the item; 0: absent
		guard   store.Guard
		body    []byte // nil: delete
		holds   bool
		wantRev int64
	}{
		{"any on nothing", 0, store.Any, []byte("n"), true, 1},
		{"any on something", 2, store.Any, []byte("n"), true, 3},
		{"absent on nothing", 0, store.Absent, []byte("n"), true, 1},
		{"absent on something", 1, store.Absent, []byte("n"), false, 1},
		{"at 0 on nothing", 0, store.At(0), []byte("n"), true, 1},
		{"at 1 on nothing", 0, store.At(1), []byte("n"), false, 0},
		{"at its revision", 2, store.At(2), []byte("n"), true, 3},
		{"at an older revision", 2, store.At(1), []byte("n"), false, 2},
		{"at a newer revision", 2, store.At(3), []byte("n"), false, 2},
		{"empty body is a body", 1, store.At(1), []byte{}, true, 2},
		{"delete any", 2, store.Any, nil, true, 0},
		{"delete any on nothing", 0, store.Any, nil, true, 0},
		{"delete absent on nothing", 0, store.Absent, nil, true, 0},
		{"delete absent on something", 1, store.Absent, nil, false, 1},
		{"delete at its revision", 2, store.At(2), nil, true, 0},
		{"delete at an older revision", 2, store.At(1), nil, false, 2},
		{"delete at 1 on nothing", 0, store.At(1), nil, false, 0},
	} {
		t.Run(tt.name, func(t *testing.T) {
			part := "guard/" + tt.name
			for range tt.before {
				mustPut(t, s.Store, write(part, "s", []byte("old"), store.Any))
			}
			err := s.Store.Put(background, write(part, "s", tt.body, tt.guard))
			if tt.holds && err != nil || !tt.holds && !errors.Is(err, store.ErrGuard) {
				t.Fatalf("got %v, guard holds: %v", err, tt.holds)
			}
			body := "old"
			if tt.holds {
				body = string(tt.body)
			}
			if tt.wantRev == 0 {
				body = ""
			}
			wantItem(t, s.Store, part, "s", tt.wantRev, body)
			if there, known := store.Found(err); known == tt.holds ||
				known && (there.Key != store.Key{Part: part, Sort: "s"} || there.Rev != tt.wantRev || string(there.Body) != body) {
				t.Errorf("found revision %d with %q, known: %v", there.Rev, there.Body, known)
			}
		})
	}
	mustPut(t, s.Store, write("guard/delete any", "s", []byte("again"), store.Absent))
	wantItem(t, s.Store, "guard/delete any", "s", 1, "again")
}

func guardChangesNothing(t *testing.T, s StoreSubject) {
	end := time.Now().Add(time.Hour).UTC().Truncate(time.Second)
	w := write("p", "s", randomBody(1, 900_000), store.Absent)
	w.Expire = end
	mustPut(t, s.Store, w)
	for _, other := range []store.Write{
		write("p", "s", []byte("x"), store.Absent), write("p", "s", nil, store.At(7)),
		write("p", "s", randomBody(2, 900_000), store.At(2)), write("p", "s", randomBody(3, 900_000), store.Absent),
	} {
		if err := s.Store.Put(background, other); !errors.Is(err, store.ErrGuard) {
			t.Fatalf("got %v", err)
		}
	}
	items, err := listAll(s.Store, store.Range{Part: "p"})
	if err != nil || len(items) != 1 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	if i := items[0]; i.Rev != 1 || !bytes.Equal(i.Body, w.Body) || !i.Expire.Equal(end) {
		t.Errorf("the item changed: revision %d, %d bytes, expires %v, want %v", i.Rev, len(i.Body), i.Expire, end)
	}
}

func malformedWrites(t *testing.T, s StoreSubject) {
	for name, w := range map[string]store.Write{
		"no part":     write("", "s", []byte("x"), store.Any),
		"no sort":     write("p", "", []byte("x"), store.Any),
		"long part":   write(strings.Repeat("p", store.MaxPart+1), "s", []byte("x"), store.Any),
		"long sort":   write("p", strings.Repeat("s", store.MaxSort+1), []byte("x"), store.Any),
		"zero byte":   write("p\x00q", "s", []byte("x"), store.Any),
		"not UTF-8":   write("p", "s\xff", []byte("x"), store.Any),
		"huge body":   write("p", "s", make([]byte, store.MaxBody+1), store.Any),
		"huge delete": write("", "", nil, store.Any),
	} {
		if err := s.Store.Put(background, w); !errors.Is(err, store.ErrMalformed) {
			t.Errorf("%s: got %v", name, err)
		}
		if err := s.Store.PutAll(background, write("p", "fine", []byte("x"), store.Any), w); !errors.Is(err, store.ErrMalformed) {
			t.Errorf("%s in PutAll: got %v", name, err)
		}
	}
	twice := write("p", "twice", []byte("x"), store.Any)
	if err := s.Store.PutAll(background, twice, twice); !errors.Is(err, store.ErrMalformed) {
		t.Errorf("one key twice: got %v", err)
	}
	if err := s.Store.PutAll(background, make([]store.Write, store.MaxPutAll+1)...); !errors.Is(err, store.ErrMalformed) {
		t.Errorf("too many: got %v", err)
	}
	if items, err := listAll(s.Store, store.Range{Part: "p"}); err != nil || len(items) != 0 {
		t.Errorf("malformed writes left %d items, %v", len(items), err)
	}
}

func writerKeepsItsBuffer(t *testing.T, s StoreSubject) {
	buffer := []byte("first")
	mustPut(t, s.Store, write("p", "s", buffer, store.Any))
	copy(buffer, "later")
	wantItem(t, s.Store, "p", "s", 1, "first")
}

func endedContext(t *testing.T, s StoreSubject) {
	ctx, cancel := context.WithCancel(background)
	cancel()
	if err := s.Store.Put(ctx, write("p", "s", []byte("x"), store.Any)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Put: %v", err)
	}
	if err := s.Store.PutAll(ctx, write("p", "s", []byte("x"), store.Any)); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("PutAll: %v", err)
	}
	if _, err := s.Store.Get(ctx, store.Fresh, store.Key{Part: "p", Sort: "s"}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Get: %v", err)
	}
	if _, _, err := s.Store.List(ctx, store.Range{Part: "p"}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("List: %v", err)
	}
	wantItem(t, s.Store, "p", "s", 0, "")
}
