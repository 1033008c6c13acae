package board

import (
	"context"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Consumer is who consumed a signal: a run that it started, or a step that waited for it.
type Consumer struct {
	Run  workflow.RunKey `json:"run"`
	Step workflow.StepID `json:"step,omitempty"` // "": it started the run

	Expire time.Time `json:"-"` // when nothing of the run is left
}

func consumerPart(name string, seq int64) string { return fmt.Sprintf("y/%019d/%s", seq, name) }

// Consume notes who consumed a signal; again, it changes nothing.
func (b *Board) Consume(ctx context.Context, name string, seq int64, who Consumer) error {
	key := store.Key{Part: consumerPart(name, seq), Sort: who.Run.String() + "/" + who.Step}
	return b.Store.Put(ctx, store.Write{Item: store.Item{Key: key, Body: record.Encode(who), Expire: who.Expire}, If: store.Any})
}

// Consumers returns up to limit of those who consumed a signal, and whether there are more.
func (b *Board) Consumers(ctx context.Context, name string, seq int64, limit int) (out []Consumer, more bool, err error) {
	err = b.each(ctx, store.Range{Part: consumerPart(name, seq), Limit: limit + 1}, func(item store.Item) (bool, error) {
		if more = len(out) == limit; more {
			return true, nil
		}
		who, err := record.Decode[Consumer]("consumer of a signal", item.Body)
		if err == nil {
			out = append(out, *who)
		}
		return false, err
	})
	return out, more, err
}
