package sim

import (
	"context"
	"strings"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/strategy"
)

// Tooth is a guard of the engine that is taken away, at a port, to see that the simulator notices.
type Tooth uint8

// The teeth.
const (
	Whole         Tooth = iota // nothing is taken away
	CommitGuard                // commits are put whatever is there
	HeadGuard                  // so is the head
	WakeItems                  // wake items are not written
	ClaimLies                  // a claim whose commit failed counts as landed
	ClaimTime                  // claims hold no longer than a moment
	StaleHints                 // a message that changes nothing sends nothing
	LookFirst                  // a start that queues reads the head before it writes its first commit
	RequestBefore              // a start reads the request items before the head
	RequestFirst               // a start writes its request item before its first commit
	AnnouncerLook              // who announced a signal does not look who waits for it
	WaiterLook                 // a step that has begun to wait does not look whether its signal is there
	TokenOutlives              // a token is good for the attempt that follows
	EventLies                  // a consumer that failed says that it took the events
	toothCount
)

var toothNames = [toothCount]string{"whole", "commit guard", "head guard", "wake items", "claim of a failed commit",
	"claim time", "stale hints repeat the sends", "write first, then look", "request read after the head",
	"request written after commit 1", "signal announced, then look who waits", "step waits, then look for its signal",
	"token of one attempt", "events come again until they are taken"}

func (t Tooth) String() string { return toothNames[t] }

// view is what an invocation saw, for the teeth that swap the order of its calls.
type view struct {
	call, before int  // the newest write at this port call, and at the one before
	request      int  // at the call before it read the head
	head         int  // when it had put the head
	create       bool // it has put a first commit since
}

// blind tells whether an invocation does not look at the items of a part.
func (w *World) blind(t *task, part string) bool {
	switch w.tooth {
	case AnnouncerLook:
		return strings.HasPrefix(part, "m/")
	case WaiterLook: // the look that a signal asks for is left, and the one before the step waits
		return (strings.HasPrefix(part, "x/") || strings.HasPrefix(part, "s/")) && t.about != nil && !t.about.told && w.ledger.waits(t.about.message.Run)
	}
	return false
}

// loosen takes the guard of a write away.
func (w *World) loosen(write store.Write) store.Write {
	_, n, commit := record.ParseCommitKey(write.Key)
	switch {
	case commit && w.tooth == CommitGuard, write.Sort == "head" && w.tooth == HeadGuard:
		write.If = store.Any
	}
	if commit && n == 1 {
		w.current.reading.create = true
	}
	if write.Sort == "head" {
		w.current.reading.head = w.writes + 1
	}
	return write
}

// cut tells whether a message is not sent.
func (w *World) cut(t *task, message hint.Message) bool {
	return w.tooth == StaleHints && !t.committed && message.Kind != hint.Sweep
}

// lookBack lets an invocation see what it would have seen with its reads in another order.
func (w *World) lookBack(t *task, keys []store.Key, items []store.Item) {
	seen := &t.reading
	switch {
	case keys[0].Sort == "head":
		if w.tooth == LookFirst && seen.create {
			items[0], seen.create = w.table.asOf(keys[0], seen.head), false
			return
		}
		seen.request, seen.head, seen.create = seen.before, w.writes, false
	case strings.HasPrefix(keys[0].Part, "q/") && w.tooth == RequestBefore:
		for i, key := range keys {
			items[i] = w.table.asOf(key, seen.request)
		}
	}
}

// requestFirst writes the request item of a first commit that is about to be put.
func (t *table) requestFirst(ctx context.Context, write store.Write) {
	run, n, ok := record.ParseCommitKey(write.Key)
	if !ok || n != 1 {
		return
	}
	commit, err := record.Decode[record.Commit]("commit", write.Body)
	if err != nil || !strings.HasPrefix(commit.Header.UUID, clientPrefix) || commit.Header.Interrupted {
		return
	}
	ref := strategy.Ref{Instance: run.Instance, Run: run.Run}
	body := record.Encode(record.Request{Instance: ref.Instance, Run: ref.Run})
	_ = t.land(ctx, store.Write{Item: store.Item{Key: record.RequestKey(run.Workflow, commit.Header.UUID), Body: body}, If: store.Absent})
	t.world.leave(PortPut)
	t.world.enter(PortPut)
}
