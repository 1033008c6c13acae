package rollup

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/engine/record"
)

// nested gathers instances that ended by the step that started them: each step hears of all of its at once.
type nested struct {
	order    []record.Link
	children map[record.Link][]*decide.Run
	messages map[record.Link][]int
}

func newNested() *nested {
	return &nested{children: map[record.Link][]*decide.Run{}, messages: map[record.Link][]int{}}
}

// add takes in the run of message i.
func (n *nested) add(i int, run *decide.Run) {
	link := *run.Header.Link
	link.Detail = 0 // the same attempt, whichever of its commits the instance was started from
	if n.children[link] == nil {
		n.order = append(n.order, link)
	}
	n.children[link] = append(n.children[link], run)
	n.messages[link] = append(n.messages[link], i)
}

// fold tells the steps, and notes in errs for which messages that failed.
func (n *nested) fold(ctx context.Context, loop *advance.Loop, messages []hint.Message, errs []error) {
	for _, link := range n.order {
		cause := hint.Message{Kind: hint.Ended, Reason: hint.ReasonReady}
		for _, i := range n.messages[link] {
			cause.Again = cause.Again || messages[i].Again
			cause.Hops = max(cause.Hops, messages[i].Hops)
		}
		v, err := loop.Fold(ctx, link, n.children[link])
		if err == nil {
			err = loop.Follow(ctx, v, cause, nil)
		}
		for _, i := range n.messages[link] {
			errs[i] = err
		}
	}
}
