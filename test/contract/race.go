package contract

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/segue-workflows/segue/shared/store"
)

const writers = 16

// together runs f for each writer at once and fails with the first error of each.
func together(t *testing.T, n int, f func(writer int) error) {
	t.Helper()
	var wg sync.WaitGroup
	for w := range n {
		wg.Go(func() {
			if err := f(w); err != nil {
				t.Errorf("writer %d: %v", w, err)
			}
		})
	}
	wg.Wait()
	if t.Failed() {
		t.FailNow()
	}
}

func sixteenIncrement(t *testing.T, s StoreSubject) {
	times := s.Increments
	if times == 0 {
		times = 1_000
	}
	mustPut(t, s.Store, write("p", "sum", []byte("0"), store.Absent))
	together(t, writers, func(int) error {
		for range times {
			if err := increment(s.Store); err != nil {
				return err
			}
		}
		return nil
	})
	wantItem(t, s.Store, "p", "sum", int64(1+writers*times), strconv.Itoa(writers*times))
}

// increment reads, adds one and writes under the revision, until it gets through.
func increment(s store.Store) error {
	for {
		items, err := s.Get(background, store.Fresh, store.Key{Part: "p", Sort: "sum"})
		if err != nil {
			return err
		}
		n, err := strconv.Atoi(string(items[0].Body))
		if err != nil {
			return err
		}
		err = s.Put(background, write("p", "sum", []byte(strconv.Itoa(n+1)), store.At(items[0].Rev)))
		if !errors.Is(err, store.ErrGuard) {
			return err
		}
	}
}

func sixteenAppend(t *testing.T, s StoreSubject) { appendTogether(t, s, 25) }

// lostAppends loses many answers while others write: no token may be appended twice or be missing.
func lostAppends(t *testing.T, s StoreSubject) {
	if s.LoseAnswers == nil {
		t.Skip("answers of this adapter cannot get lost")
	}
	s.LoseAnswers(60)
	appendTogether(t, s, 5)
}

func appendTogether(t *testing.T, s StoreSubject, each int) {
	together(t, writers, func(w int) error {
		for i := range each {
			if err := appendTo(s.Store, fmt.Sprintf("token %d of %d", i, w)); err != nil {
				return err
			}
		}
		return nil
	})
	items, err := listAll(s.Store, store.Range{Part: "log"})
	if err != nil || len(items) != writers*each {
		t.Fatalf("%d entries, %v", len(items), err)
	}
	seen := map[string]bool{}
	for i, item := range items {
		if item.Sort != fmt.Sprintf("%06d", i+1) || item.Rev != 1 || seen[string(item.Body)] {
			t.Errorf("entry %d is %s at revision %d, seen before: %v", i+1, item.Sort, item.Rev, seen[string(item.Body)])
		}
		seen[string(item.Body)] = true
	}
}

// losersAreTold lets several put one absent item together: each but one is told of the one that won.
func losersAreTold(t *testing.T, s StoreSubject) {
	for round := range 20 {
		part := fmt.Sprintf("told/%d", round)
		var told [writers]store.Item
		var winners atomic.Int64
		together(t, writers, func(w int) error {
			err := s.Store.Put(background, write(part, "s", []byte(strconv.Itoa(w)), store.Absent))
			if err == nil {
				winners.Add(1)
				return nil
			}
			told[w], _ = store.Found(err)
			if !errors.Is(err, store.ErrGuard) || told[w].Rev != 1 {
				return fmt.Errorf("writer %d was told of revision %d: %w", w, told[w].Rev, err)
			}
			return nil
		})
		if n := winners.Load(); n != 1 {
			t.Fatalf("%d won", n)
		}
		there := mustGet(t, s.Store, part, "s")
		for w, item := range told {
			if item.Rev != 0 && string(item.Body) != string(there.Body) {
				t.Errorf("round %d: writer %d was told of %q, and %q is there", round, w, item.Body, there.Body)
			}
		}
	}
}

// appendTo puts the token as the entry after the last one, if absent: what every run does.
func appendTo(s store.Store, token string) error {
	for {
		last, _, err := s.List(background, store.Range{Part: "log", Reverse: true, Limit: 1})
		if err != nil {
			return err
		}
		n := 0
		if len(last) == 1 {
			if n, err = strconv.Atoi(last[0].Sort); err != nil {
				return err
			}
		}
		err = s.Put(background, write("log", fmt.Sprintf("%06d", n+1), []byte(token), store.Absent))
		if !errors.Is(err, store.ErrGuard) {
			return err
		}
	}
}

func lostAnswer(t *testing.T, s StoreSubject) {
	if s.LoseAnswers == nil {
		t.Skip("answers of this adapter cannot get lost")
	}
	large := randomBody(9, 900_000)
	s.LoseAnswers(1)
	mustPut(t, s.Store, write("p", "absent", []byte("x"), store.Absent))
	wantItem(t, s.Store, "p", "absent", 1, "x")
	s.LoseAnswers(2)
	mustPut(t, s.Store, write("p", "absent", []byte("y"), store.At(1)))
	wantItem(t, s.Store, "p", "absent", 2, "y")
	s.LoseAnswers(1)
	mustPut(t, s.Store, write("p", "absent", []byte("z"), store.Any))
	wantItem(t, s.Store, "p", "absent", 3, "z")
	s.LoseAnswers(3)
	mustPut(t, s.Store, write("p", "large", large, store.Absent))
	wantItem(t, s.Store, "p", "large", 1, string(large))
	s.LoseAnswers(1)
	mustPut(t, s.Store, write("p", "absent", nil, store.At(3)))
	wantItem(t, s.Store, "p", "absent", 0, "")
	s.LoseAnswers(1)
	if err := s.Store.PutAll(background, write("p", "a", []byte("1"), store.Absent), write("q", "b", []byte("2"), store.Absent)); err != nil {
		t.Fatalf("PutAll: %v", err)
	}
	wantItem(t, s.Store, "p", "a", 1, "1")
	wantItem(t, s.Store, "q", "b", 1, "2")
	s.LoseAnswers(1)
	if err := s.Store.Put(background, write("p", "a", []byte("no"), store.Absent)); !errors.Is(err, store.ErrGuard) {
		t.Fatalf("a lost refusal became %v", err)
	}
	wantItem(t, s.Store, "p", "a", 1, "1")
}

func putAll(t *testing.T, s StoreSubject) {
	mustPut(t, s.Store, write("p", "there", []byte("old"), store.Absent))
	large := randomBody(4, 900_000)
	err := s.Store.PutAll(background,
		write("p", "new", []byte("n"), store.Absent), write("q", "large", large, store.Any), write("p", "there", []byte("n"), store.At(2)))
	if !errors.Is(err, store.ErrGuard) {
		t.Fatalf("one guard fails: got %v", err)
	}
	wantItem(t, s.Store, "p", "new", 0, "")
	wantItem(t, s.Store, "q", "large", 0, "")
	wantItem(t, s.Store, "p", "there", 1, "old")
	err = s.Store.PutAll(background,
		write("p", "new", []byte("n"), store.Absent), write("q", "large", large, store.Any), write("p", "there", nil, store.At(1)), write("p", "gone", nil, store.Any))
	if err != nil {
		t.Fatal(err)
	}
	wantItem(t, s.Store, "p", "new", 1, "n")
	wantItem(t, s.Store, "q", "large", 1, string(large))
	wantItem(t, s.Store, "p", "there", 0, "")
	full := make([]store.Write, store.MaxPutAll)
	for i := range full {
		full[i] = write(fmt.Sprintf("full/%d", i), "s", []byte("x"), store.Absent)
	}
	if err := s.Store.PutAll(background, full...); err != nil {
		t.Fatalf("%d writes: %v", len(full), err)
	}
}

// putAllRaces lets one writer take two keys together while another takes the second one alone.
func putAllRaces(t *testing.T, s StoreSubject) {
	const rounds = 60
	together(t, 4, func(w int) error {
		order := rand.New(rand.NewPCG(1, uint64(w))).Perm(rounds)
		for _, i := range order {
			one, two := fmt.Sprintf("one/%d", i), fmt.Sprintf("two/%d", i)
			var err error
			if w%2 == 0 {
				err = s.Store.PutAll(background, write(one, "s", []byte("both"), store.Absent), write(two, "s", []byte("both"), store.Absent))
			} else {
				err = s.Store.Put(background, write(two, "s", []byte("single"), store.Absent))
			}
			if err != nil && !errors.Is(err, store.ErrGuard) {
				return err
			}
		}
		return nil
	})
	for i := range rounds {
		one, two := mustGet(t, s.Store, fmt.Sprintf("one/%d", i), "s"), mustGet(t, s.Store, fmt.Sprintf("two/%d", i), "s")
		both := string(one.Body) == "both" && string(two.Body) == "both"
		single := one.Rev == 0 && string(two.Body) == "single"
		if !both && !single {
			t.Errorf("round %d: %q and %q", i, one.Body, two.Body)
		}
	}
}
