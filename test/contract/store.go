package contract

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/segue-workflows/segue/shared/store"
)

// StoreSubject is a fresh, empty store under test.
type StoreSubject struct {
	Store store.Store
	Feed  store.Feed // nil: the adapter has none

	// Increments is how often each of 16 writers adds one; 0 means 1,000. Emulators take fewer.
	Increments int
	// LoseAnswers makes the next n writes land without an answer; nil: answers cannot get lost.
	LoseAnswers func(n int)
}

// Store runs the suite of the store port. open returns a fresh subject for each test of the suite.
func Store(t *testing.T, open func(t *testing.T) StoreSubject) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, StoreSubject)
	}{
		{"GuardTable", guardTable},
		{"GuardThatFailsChangesNothing", guardChangesNothing},
		{"MalformedWritesAreRefused", malformedWrites},
		{"WriterKeepsItsBuffer", writerKeepsItsBuffer},
		{"SixteenWritersIncrement", sixteenIncrement},
		{"SixteenWritersAppendOneLog", sixteenAppend},
		{"LosersAreTold", losersAreTold},
		{"LostAnswerIsOneSuccess", lostAnswer},
		{"LostAnswersWhileOthersWrite", lostAppends},
		{"PutAllIsAllOrNone", putAll},
		{"PutAllAgainstPutsInFlight", putAllRaces},
		{"GetKeepsOrder", getKeepsOrder},
		{"ListOrderAndBounds", listBounds},
		{"ListPagesOfEverySize", listPages},
		{"ListEndsLongPagesEarly", listLongPages},
		{"BodiesOfEverySize", bodies},
		{"BodiesOutsideUTF8", bodiesOutsideUTF8},
		{"LargeBodyIsReplacedAndDeleted", largeBodyReplaced},
		{"ReaderNeverSeesHalfABody", noHalfBodies},
		{"Expiry", expiry},
		{"EndedContextIsUnavailable", endedContext},
		{"FeedTellsEverythingInOrder", feedOrder},
		{"FeedUnderConcurrentWrites", feedConcurrent},
	} {
		t.Run(test.name, func(t *testing.T) { test.run(t, open(t)) })
	}
}

var background = context.Background()

func write(part, sort string, body []byte, guard store.Guard) store.Write {
	return store.Write{Item: store.Item{Key: store.Key{Part: part, Sort: sort}, Body: body}, If: guard}
}

func mustPut(t *testing.T, s store.Store, w store.Write) {
	t.Helper()
	if err := s.Put(background, w); err != nil {
		t.Fatalf("put %s/%s: %v", w.Part, w.Sort, err)
	}
}

func mustGet(t *testing.T, s store.Store, part, sort string) store.Item {
	t.Helper()
	items, err := s.Get(background, store.Fresh, store.Key{Part: part, Sort: sort})
	if err != nil || len(items) != 1 {
		t.Fatalf("get %s/%s: %d items, %v", part, sort, len(items), err)
	}
	return items[0]
}

func wantItem(t *testing.T, s store.Store, part, sort string, rev int64, body string) {
	t.Helper()
	if i := mustGet(t, s, part, sort); i.Rev != rev || string(i.Body) != body {
		t.Errorf("%s/%s is %q at revision %d, want %q at %d", part, sort, i.Body, i.Rev, body, rev)
	}
}

// listAll pages through a range to its end.
func listAll(s store.Store, r store.Range) (items []store.Item, err error) {
	for {
		page, next, err := s.List(background, r)
		if err != nil {
			return nil, err
		}
		items = append(items, page...)
		switch {
		case next == "":
			return items, nil
		case len(page) == 0:
			return nil, errors.New("an empty page that is not the last")
		case r.Limit > 0 && len(page) > r.Limit:
			return nil, fmt.Errorf("a page of %d items, limit %d", len(page), r.Limit)
		case r.Reverse:
			r.To = next
		default:
			r.From = next
		}
	}
}
