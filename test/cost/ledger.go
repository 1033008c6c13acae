package main

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/price"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/store"
)

// scale is by how much calls are faster here than on AWS.
const scale = 4

// How long calls take on AWS.
const (
	writeTime = 5 * time.Millisecond
	readTime  = 4 * time.Millisecond
	sendTime  = 6 * time.Millisecond
)

// ledger counts what calls cost, by what they are for.
type ledger struct {
	mu          sync.Mutex
	meter       *meter.Meter
	calls       map[string]meter.Snapshot // by "put commit", "send dispatch"
	invocations int64
	busy        time.Duration
}

func newLedger() *ledger { return &ledger{meter: &meter.Meter{}, calls: map[string]meter.Snapshot{}} }

// do makes a call and notes what it cost. Calls are made one at a time so that each is charged with its own cost; the
// time that they take has passed before.
func (l *ledger) do(label string, call func() error) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := l.meter.Snapshot()
	err := call()
	spent := l.meter.Snapshot().Sub(before)
	if spent.Refused > 0 {
		label += ", lost races"
	}
	sum := l.calls[label]
	sum.WriteUnits += spent.WriteUnits
	sum.ReadUnits += spent.ReadUnits
	sum.QueueRequests += spent.QueueRequests
	sum.Calls++
	l.calls[label] = sum
	return err
}

// invoked notes an invocation.
func (l *ledger) invoked(took time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.invocations++
	l.busy += took * scale
}

// total is the bill of everything.
func (l *ledger) total() price.Bill {
	l.mu.Lock()
	defer l.mu.Unlock()
	return price.Bill{Snapshot: l.meter.Snapshot(), Invocations: l.invocations, Busy: l.busy}
}

// spent is what calls with a label cost, and those of them that lost a race.
func (l *ledger) spent(label string) meter.Snapshot {
	l.mu.Lock()
	defer l.mu.Unlock()
	won, lost := l.calls[label], l.calls[label+", lost races"]
	return meter.Snapshot{WriteUnits: won.WriteUnits + lost.WriteUnits, Calls: won.Calls}
}

// item is what one kind of call cost.
type item struct {
	label   string
	calls   int64
	dollars float64
}

// items returns what kinds of calls cost, the dearest first.
func (l *ledger) items(p price.List) []item {
	l.mu.Lock()
	defer l.mu.Unlock()
	out := []item{{"invocations", l.invocations, p.Dollars(price.Bill{Invocations: l.invocations})}, {"time", l.invocations, p.Dollars(price.Bill{Busy: l.busy})}}
	for _, label := range slices.Sorted(maps.Keys(l.calls)) {
		out = append(out, item{label, l.calls[label].Calls, p.Dollars(price.Bill{Snapshot: l.calls[label]})})
	}
	slices.SortStableFunc(out, func(a, b item) int { return cmp.Compare(b.dollars, a.dollars) })
	return out
}

// kindOf says what an item is, by its key.
func kindOf(k store.Key) string {
	first, _, _ := strings.Cut(k.Part, "/")
	second, _, _ := strings.Cut(k.Sort, "/")
	switch {
	case first == "q":
		return "request"
	case first == "t":
		return "wake"
	case first == "i" && second == "~a":
		return "action"
	case first == "i":
		return "commit"
	case k.Sort == "head":
		return "head"
	case second == "v":
		return "version"
	case second == "o":
		return "properties"
	case second == "b" || second == "p":
		return "breakpoint"
	}
	return "other"
}

// table is the memory store with the latencies of AWS.
type table struct {
	*memory.Store
	ledger *ledger
}

func (t table) Get(ctx context.Context, how store.Read, keys ...store.Key) (items []store.Item, err error) {
	time.Sleep(readTime / scale)
	err = t.ledger.do("get "+kindOf(keys[0]), func() error {
		items, err = t.Store.Get(ctx, how, keys...)
		return err
	})
	return items, err
}

func (t table) List(ctx context.Context, r store.Range) (items []store.Item, next string, err error) {
	time.Sleep(readTime / scale)
	err = t.ledger.do("list "+kindOf(store.Key{Part: r.Part, Sort: r.From}), func() error {
		items, next, err = t.Store.List(ctx, r)
		return err
	})
	return items, next, err
}

func (t table) Put(ctx context.Context, w store.Write) error {
	time.Sleep(writeTime / scale)
	return t.ledger.do("put "+kindOf(w.Key), func() error { return t.Store.Put(ctx, w) })
}

func (t table) PutAll(ctx context.Context, ws ...store.Write) error {
	time.Sleep(writeTime / scale)
	return t.ledger.do("put together "+kindOf(ws[0].Key), func() error { return t.Store.PutAll(ctx, ws...) })
}

// sender is the queues' side that the engine sees.
type sender struct {
	*memory.Queue
	ledger *ledger
}

func (s sender) Send(ctx context.Context, name string, messages ...queue.Message) error {
	time.Sleep(sendTime / scale)
	return s.ledger.do("send to "+name, func() error { return s.Queue.Send(ctx, name, messages...) })
}
