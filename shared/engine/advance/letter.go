package advance

import (
	"context"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// putAside lists the attempts that a turn set aside. It comes before the commit, as putPaused does: a listed attempt
// that was not set aside after all is found out when the list is read, one that is not listed never would be.
func (l *Loop) putAside(ctx context.Context, run *decide.Run, turn *decide.Turn) error {
	for _, i := range turn.Aside() {
		key := workflow.AttemptKey{RunKey: run.Key, Step: run.Definition.Steps[i].ID, Attempt: turn.State().Steps[i].Attempt}
		item := record.LetterItem(decide.HomeOf(run.Key, run.Header), key, l.Clock.Now())
		if err := l.Store.Put(ctx, store.Write{Item: item, If: store.Any}); err != nil {
			return err
		}
	}
	return nil
}
