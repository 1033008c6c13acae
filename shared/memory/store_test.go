package memory

import (
	"context"
	"fmt"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/store"
)

var background = context.Background()

func put(part, sort, body string) store.Write {
	return store.Write{Item: store.Item{Key: store.Key{Part: part, Sort: sort}, Body: []byte(body)}}
}

func mustPut(t testing.TB, s *Store, w store.Write) {
	t.Helper()
	if err := s.Put(background, w); err != nil {
		t.Fatal(err)
	}
}

func TestAnItemIsGoneAtItsSecond(t *testing.T) {
	now := time.Unix(1_000, 0)
	s := NewStore(func() time.Time { return now })
	w := put("p", "s", "x")
	w.Expire = now.Add(10*time.Second + time.Millisecond) // rounded up
	mustPut(t, s, w)
	moved := put("p", "moved", "x")
	moved.Expire = now.Add(5 * time.Second)
	mustPut(t, s, moved)
	moved.Expire = now.Add(20 * time.Second)
	mustPut(t, s, moved)
	for _, step := range []struct{ after, items int }{{0, 2}, {6, 2}, {10, 2}, {11, 1}, {19, 1}, {20, 0}} {
		now = time.Unix(1_000+int64(step.after), 0)
		items, _, err := s.List(background, store.Range{Part: "p"})
		if err != nil || len(items) != step.items {
			t.Errorf("after %d s: %d items, %v; want %d", step.after, len(items), err, step.items)
		}
	}
	w.If, w.Expire = store.Absent, time.Time{}
	mustPut(t, s, w)
}

// TestPartitionIsASortedMap compares a partition with a plain map under random writes.
func TestPartitionIsASortedMap(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		p, model := &partition{}, map[string]int64{}
		for range rapid.IntRange(1, 60).Draw(t, "writes") {
			key := rapid.StringMatching(`[ab]{1,3}`).Draw(t, "key")
			if rapid.Bool().Draw(t, "remove") {
				p.remove(key)
				delete(model, key)
				continue
			}
			model[key]++
			p.set(&record{Item: store.Item{Key: store.Key{Sort: key}, Rev: model[key]}})
		}
		if len(p.records) != len(model) {
			t.Fatalf("%d records, want %d", len(p.records), len(model))
		}
		for i, r := range p.records {
			if i > 0 && p.records[i-1].Sort >= r.Sort || model[r.Sort] != r.Rev || p.find(r.Sort) != r {
				t.Fatalf("record %d is %s at %d, want %d", i, r.Sort, r.Rev, model[r.Sort])
			}
		}
	})
}

func TestFeedForgetsTheOldest(t *testing.T) {
	s := NewStore(time.Now)
	const n = 2*feedKept + 10
	for i := range n {
		mustPut(t, s, put("p", fmt.Sprintf("%d", i%10), "x"))
	}
	told, cursor := 0, store.Cursor("")
	for {
		changes, next, err := s.Next(background, cursor)
		if err != nil {
			t.Fatal(err)
		}
		if len(changes) == 0 {
			break
		}
		told, cursor = told+len(changes), next
	}
	if told < feedKept || told >= n || cursor != store.Cursor(fmt.Sprint(n)) {
		t.Errorf("%d of %d changes were kept, the cursor is %s", told, n, cursor)
	}
}

func TestChangedWakesAtTheNextChange(t *testing.T) {
	s := NewStore(time.Now)
	changed := s.Changed()
	select {
	case <-changed:
		t.Fatal("nothing has changed yet")
	default:
	}
	mustPut(t, s, put("p", "s", "x"))
	<-changed
}

func BenchmarkPut(b *testing.B) {
	s := NewStore(time.Now)
	body := string(make([]byte, 600))
	i := 0
	for b.Loop() {
		mustPut(b, s, put(fmt.Sprintf("i/%d", i%100), fmt.Sprintf("%09d", i), body))
		i++
	}
}

func BenchmarkPutCounted(b *testing.B) {
	s := NewStore(time.Now)
	s.Count(&meter.Meter{}, meter.PackedSize)
	body := string(make([]byte, 600))
	i := 0
	for b.Loop() {
		mustPut(b, s, put(fmt.Sprintf("i/%d", i%100), fmt.Sprintf("%09d", i), body))
		i++
	}
}
