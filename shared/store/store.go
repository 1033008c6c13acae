package store

import (
	"context"
	"errors"
	"time"
)

// Key names an item: all items of one part are ordered by sort, byte by byte.
// Neither half may be empty; part is at most 1,024 bytes and sort at most 512.
type Key struct{ Part, Sort string }

// Item is what the store keeps under a key. Readers may share a body, so it must not be changed.
type Item struct {
	Key
	Rev    int64     // set by the store: 1, 2, …; 0 means that there is no item
	Body   []byte    // at most MaxBody bytes
	Expire time.Time // zero: never; kept in whole seconds, rounded up; the item may still be read for a while after
}

// MaxBody is the largest body that a store takes.
const MaxBody = 8 << 20

// MaxPutAll is the largest number of writes that PutAll takes.
const MaxPutAll = 16

// Guard is the condition under which a write lands. Make one with Any, Absent or At.
type Guard struct {
	kind guardKind
	rev  int64
}

type guardKind uint8

const (
	guardAny guardKind = iota
	guardAbsent
	guardAt
)

// Any lets the write land whatever is there: for writes that are idempotent by content.
var Any = Guard{}

// Absent lets the write land only where there is no item.
var Absent = Guard{kind: guardAbsent}

// At lets the write land only on revision rev.
func At(rev int64) Guard { return Guard{guardAt, rev} }

// Holds tells whether the guard lets a write land on an item of revision rev (0: no item).
func (g Guard) Holds(rev int64) bool {
	switch g.kind {
	case guardAbsent:
		return rev == 0
	case guardAt:
		return rev == g.rev
	default:
		return true
	}
}

// Rev returns the revision that the guard asks for, and whether it asks for one at all (Absent asks for 0).
func (g Guard) Rev() (int64, bool) { return g.rev, g.kind != guardAny }

// Write puts Item under its guard; a nil Body deletes. Rev of the item is ignored.
type Write struct {
	Item
	If Guard
}

// Read says how fresh a read must be.
type Read uint8

const (
	Fresh Read = iota // sees every write that was answered before
	Stale             // half the price: for items that never change, or as a hint; never decides
)

// Range asks for items of one part with From <= sort < To ("" leaves a side open).
type Range struct {
	Part, From, To string
	Reverse        bool
	Limit          int // items in a page; 0 means 1,000
	Read           Read
}

// Store keeps items. Answers are definite: a lost answer is asked for again below this port.
// test/contract proves an implementation.
type Store interface {
	// Get returns one item for each key, in order; Rev 0 where there is none.
	// It fails with ErrThrottled or ErrUnavailable.
	Get(ctx context.Context, how Read, keys ...Key) ([]Item, error)
	// List returns a page of items in order (or reverse order) and the sort key to go on from:
	// pass it as From (exclusive end To, when Reverse) of the next call; "" at the end. A page may
	// be shorter than the limit (PageBytes) and the last one empty; the first has an item if there is one.
	List(ctx context.Context, r Range) (items []Item, next string, err error)
	// Put lands the write, or fails with ErrGuard or ErrThrottled, and then nothing has changed; Found tells from the error
	// what was there instead. After
	// ErrUnavailable (the time was over, the service is down) the write may have landed: look again.
	Put(ctx context.Context, w Write) error
	// PutAll lands all writes or none, at most MaxPutAll, each on its own key. Errors as Put.
	PutAll(ctx context.Context, ws ...Write) error
}

// Change is one landed write: the item as it is now; a nil Body means deleted.
type Change struct{ Item }

// Cursor is a place in the feed of changes; "" is the beginning.
type Cursor string

// Feed yields changes, each at least once, in order for each key, never before they are durable.
// Each adapter says how many it keeps; a cursor from before those goes on from the oldest one kept.
// A write that was overwritten meanwhile may show as the newer one, and removal by expiry need not
// show up: the change that put the item says when it ends.
type Feed interface {
	// Next returns the changes after the cursor and the cursor to go on from; none when there are none yet.
	Next(ctx context.Context, after Cursor) ([]Change, Cursor, error)
}

// Errors of a store. They carry workflow codes where they cross a use case.
var (
	ErrGuard       = errors.New("store: guard does not hold")
	ErrThrottled   = errors.New("store: throttled")
	ErrUnavailable = errors.New("store: unavailable")
)

// conflict is an ErrGuard that knows what it failed on.
type conflict struct{ there Item }

func (c *conflict) Error() string        { return ErrGuard.Error() }
func (c *conflict) Is(target error) bool { return target == ErrGuard }

// Conflict returns an ErrGuard of a write that found this item; Rev 0 says that there was none.
func Conflict(there Item) error { return &conflict{there} }

// Found returns the item on which the guard of a Put failed, as a Fresh read would have returned it then. An adapter
// need not know it of a body that it keeps in several places.
func Found(err error) (there Item, known bool) {
	var c *conflict
	if !errors.As(err, &c) {
		return Item{}, false
	}
	return c.there, true
}
