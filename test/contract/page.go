package contract

import (
	"fmt"
	"slices"
	"testing"

	"github.com/segue-workflows/segue/shared/store"
)

func getKeepsOrder(t *testing.T, s StoreSubject) {
	var keys []store.Key
	for i := range 130 { // more than one batch of the table
		key := store.Key{Part: fmt.Sprintf("p%d", i%7), Sort: fmt.Sprintf("%d", (i*37)%130)}
		keys = append(keys, key)
		if i%3 != 0 {
			mustPut(t, s.Store, write(key.Part, key.Sort, []byte(key.Part+key.Sort), store.Absent))
		}
	}
	keys = append(keys, keys[1], keys[1]) // the same key more than once
	for _, how := range []store.Read{store.Fresh, store.Stale} {
		items, err := s.Store.Get(background, how, keys...)
		if err != nil || len(items) != len(keys) {
			t.Fatalf("%d items, %v", len(items), err)
		}
		for i, item := range items {
			there := i%3 != 0 || i >= 130
			if item.Key != keys[i] || there != (item.Rev == 1) || there && string(item.Body) != keys[i].Part+keys[i].Sort {
				t.Errorf("place %d holds %v %q at revision %d, want %v", i, item.Key, item.Body, item.Rev, keys[i])
			}
		}
	}
	if items, err := s.Store.Get(background, store.Fresh); err != nil || len(items) != 0 {
		t.Errorf("no keys: %d items, %v", len(items), err)
	}
}

func listBounds(t *testing.T, s StoreSubject) {
	// In the order of bytes; neighbours of the part must not show up.
	sorts := []string{"001", "01", "1", "1/a", "1/b", "10", "2", "A", "a", "a\x00", "a\x00b", "~", "é", "語", "\U0001F600"}
	for _, i := range []int{7, 0, 14, 3, 1, 2, 9, 13, 4, 12, 5, 10, 6, 8, 11} {
		mustPut(t, s.Store, write("p", sorts[i], []byte("x"), store.Absent))
	}
	for _, part := range []string{"o", "p/", "p\x01", "q", "pa"} {
		mustPut(t, s.Store, write(part, "1", []byte("stranger"), store.Absent))
	}
	for _, tt := range []struct {
		from, to string
		want     []string
	}{
		{"", "", sorts},
		{"1", "", sorts[2:]},
		{"", "1", sorts[:2]},
		{"1", "2", sorts[2:6]},
		{"1/", "10", sorts[3:5]},
		{"a", "~", sorts[8:11]},
		{"2", "2", nil},
		{"2", "1", nil},
		{"zz", "zzz", nil},
	} {
		for _, reverse := range []bool{false, true} {
			items, err := listAll(s.Store, store.Range{Part: "p", From: tt.from, To: tt.to, Reverse: reverse})
			if err != nil {
				t.Fatal(err)
			}
			got := sortsOf(items)
			if reverse {
				slices.Reverse(got)
			}
			if !slices.Equal(got, tt.want) {
				t.Errorf("from %q to %q reverse %v: %q, want %q", tt.from, tt.to, reverse, got, tt.want)
			}
		}
	}
	if items, err := listAll(s.Store, store.Range{Part: "nobody"}); err != nil || len(items) != 0 {
		t.Errorf("an empty part: %d items, %v", len(items), err)
	}
}

func listPages(t *testing.T, s StoreSubject) {
	const n = 12
	var sorts []string
	for i := range n {
		sorts = append(sorts, fmt.Sprintf("%02d", i))
		mustPut(t, s.Store, write("p", sorts[i], []byte(sorts[i]), store.Absent))
	}
	for limit := 1; limit <= n+1; limit++ {
		for _, reverse := range []bool{false, true} {
			items, err := listAll(s.Store, store.Range{Part: "p", Limit: limit, Reverse: reverse, Read: store.Read(limit % 2)})
			if err != nil {
				t.Fatal(err)
			}
			got := sortsOf(items)
			if reverse {
				slices.Reverse(got)
			}
			if !slices.Equal(got, sorts) {
				t.Errorf("pages of %d, reverse %v: %q", limit, reverse, got)
			}
		}
		page, _, err := s.Store.List(background, store.Range{Part: "p", Limit: limit, From: "03", To: "09"})
		if err != nil || len(page) != min(limit, 6) || page[0].Sort != "03" {
			t.Errorf("first page of %d: %q, %v", limit, sortsOf(page), err)
		}
	}
}

func listLongPages(t *testing.T, s StoreSubject) {
	for i := range 5 {
		mustPut(t, s.Store, write("p", fmt.Sprintf("%d", i), randomBody(uint64(i), 3<<20), store.Absent))
	}
	page, next, err := s.Store.List(background, store.Range{Part: "p"})
	if err != nil || next == "" || len(page) == 0 || len(page) >= 5 {
		t.Errorf("a page of 15 MB: %d items, next %q, %v", len(page), next, err)
	}
	for _, reverse := range []bool{false, true} {
		items, err := listAll(s.Store, store.Range{Part: "p", Reverse: reverse})
		if err != nil || len(items) != 5 {
			t.Errorf("reverse %v: %d items, %v", reverse, len(items), err)
		}
	}
}

func sortsOf(items []store.Item) []string {
	var sorts []string
	for _, i := range items {
		sorts = append(sorts, i.Sort)
	}
	return sorts
}
