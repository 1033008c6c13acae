package contract

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync/atomic"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/store"
)

// randomBody returns bytes that no compression makes shorter; the first eight tell the seed.
func randomBody(seed uint64, size int) []byte {
	var key [32]byte
	binary.LittleEndian.PutUint64(key[:], seed)
	body := make([]byte, max(size, 8))
	_, _ = rand.NewChaCha8(key).Read(body)
	binary.LittleEndian.PutUint64(body, seed)
	return body[:size]
}

// wholeBody tells whether the body is one that randomBody made.
func wholeBody(body []byte) bool {
	return len(body) >= 8 && bytes.Equal(body, randomBody(binary.LittleEndian.Uint64(body), len(body)))
}

func bodies(t *testing.T, s StoreSubject) {
	const part = 350 << 10
	for _, size := range []int{0, 1, 199, 200, 201, 1_000, part - 1, part, part + 1, 2 * part, 2*part + 1, store.MaxBody} {
		for _, kind := range []string{"random", "text"} {
			body := randomBody(uint64(size), size)
			if kind == "text" {
				body = bytes.Repeat([]byte(`{"status":"SUCCEEDED"}`), size/22+1)[:size]
			}
			sort := fmt.Sprintf("%s/%d", kind, size)
			mustPut(t, s.Store, write("p", sort, body, store.Absent))
			if got := mustGet(t, s.Store, "p", sort); got.Rev != 1 || !bytes.Equal(got.Body, body) || got.Body == nil {
				t.Errorf("%s came back as %d bytes at revision %d", sort, len(got.Body), got.Rev)
			}
		}
	}
	items, err := listAll(s.Store, store.Range{Part: "p", From: "random/", To: "random0"})
	if err != nil || len(items) != 12 {
		t.Fatalf("%d items, %v", len(items), err)
	}
	for _, i := range items {
		if len(i.Body) >= 8 && !wholeBody(i.Body) {
			t.Errorf("%s is listed torn", i.Sort)
		}
	}
}

func bodiesOutsideUTF8(t *testing.T, s StoreSubject) {
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	for name, body := range map[string][]byte{"all bytes": all, "zeros": make([]byte, 300), "high": bytes.Repeat([]byte{0xff, 0xfe}, 200)} {
		mustPut(t, s.Store, write("p", name, body, store.Absent))
		wantItem(t, s.Store, "p", name, 1, string(body))
	}
}

// largeBodyReplaced looks for what a store that splits bodies may leave behind.
func largeBodyReplaced(t *testing.T, s StoreSubject) {
	for rev, size := range []int{900_000, 400_000, 10, 1_200_000} {
		body := randomBody(uint64(rev), size)
		mustPut(t, s.Store, write("p", "s", body, store.At(int64(rev))))
		wantItem(t, s.Store, "p", "s", int64(rev+1), string(body))
	}
	items, err := listAll(s.Store, store.Range{Part: "p"})
	if err != nil || len(items) != 1 {
		t.Fatalf("%q, %v", sortsOf(items), err)
	}
	mustPut(t, s.Store, write("p", "s", nil, store.At(4)))
	if items, err := listAll(s.Store, store.Range{Part: "p"}); err != nil || len(items) != 0 {
		t.Fatalf("%q are left, %v", sortsOf(items), err)
	}
}

func noHalfBodies(t *testing.T, s StoreSubject) {
	const rounds = 12
	mustPut(t, s.Store, write("p", "s", randomBody(0, 1_000_000), store.Absent))
	var done atomic.Bool
	together(t, 3, func(w int) error {
		if w == 0 {
			defer done.Store(true)
			for i := uint64(1); i <= rounds; i++ {
				if err := s.Store.Put(background, write("p", "s", randomBody(i, 700_000+int(i%3)*200_000), store.Any)); err != nil {
					return err
				}
			}
			return nil
		}
		for rev := int64(0); !done.Load(); {
			items, err := s.Store.Get(background, store.Fresh, store.Key{Part: "p", Sort: "s"})
			if w == 2 {
				items, _, err = s.Store.List(background, store.Range{Part: "p"})
			}
			if err != nil {
				return err
			}
			if len(items) != 1 || !wholeBody(items[0].Body) || items[0].Rev < rev {
				return errors.New("a torn or older body was read")
			}
			rev = items[0].Rev
		}
		return nil
	})
}

func expiry(t *testing.T, s StoreSubject) {
	now := time.Now()
	later := write("p", "later", []byte("x"), store.Absent)
	later.Expire = now.Add(time.Hour)
	mustPut(t, s.Store, later)
	got := mustGet(t, s.Store, "p", "later")
	if !got.Expire.Equal(store.ExpirySecond(later.Expire)) || got.Rev != 1 {
		t.Errorf("expires %v at revision %d, want %v", got.Expire, got.Rev, store.ExpirySecond(later.Expire))
	}
	mustPut(t, s.Store, write("p", "later", []byte("for good"), store.At(1)))
	if got := mustGet(t, s.Store, "p", "later"); !got.Expire.IsZero() {
		t.Errorf("a write without expiry kept %v", got.Expire)
	}
	// What has expired may be gone or not, but reads and guards agree.
	past := write("p", "past", []byte("x"), store.Absent)
	past.Expire = now.Add(-time.Hour)
	mustPut(t, s.Store, past)
	there := mustGet(t, s.Store, "p", "past").Rev
	items, err := listAll(s.Store, store.Range{Part: "p"})
	if err != nil || len(items) != 1+int(there) {
		t.Errorf("%d items are listed, %v", len(items), err)
	}
	mustPut(t, s.Store, write("p", "past", []byte("y"), store.At(there)))
	wantItem(t, s.Store, "p", "past", there+1, "y")
}
