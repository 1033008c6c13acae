package advance

import (
	"context"
	"slices"
	"sync"

	"golang.org/x/sync/errgroup"

	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Gathered returns a loop that keeps what it sends until flush sends it, in tens: for one who does the same for many
// runs, and is called again when he dies before the flush.
func (l *Loop) Gathered() (gathered *Loop, flush func(context.Context) error) {
	g := &gathering{messages: map[string][]queue.Message{}}
	out := *l
	out.Sender = g
	return &out, func(ctx context.Context) error { return g.flush(ctx, l.Sender) }
}

// gathering keeps messages by the name of their queue.
type gathering struct {
	mu       sync.Mutex
	names    []string
	messages map[string][]queue.Message
}

// Send keeps the messages.
func (g *gathering) Send(_ context.Context, name string, messages ...queue.Message) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !slices.Contains(g.names, name) {
		g.names = append(g.names, name)
	}
	g.messages[name] = append(g.messages[name], messages...)
	return nil
}

func (g *gathering) flush(ctx context.Context, to Sender) error {
	for _, name := range g.names {
		for batch := range slices.Chunk(g.messages[name], queue.MaxBatch) {
			if err := to.Send(ctx, name, batch...); err != nil {
				return workflow.Wrap("send to "+name, coded(err))
			}
		}
	}
	return nil
}

// SideBySide does something n times, up to limit of them at once: with a limit of one in the caller's goroutine, and in
// their order.
func SideBySide(n, limit int, do func(i int)) {
	if limit <= 1 {
		for i := range n {
			do(i)
		}
		return
	}
	var group errgroup.Group
	group.SetLimit(limit)
	for i := range n {
		group.Go(func() error { do(i); return nil })
	}
	_ = group.Wait() // nothing returns an error
}
