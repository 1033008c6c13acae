package sim

import (
	"bytes"

	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// keep remembers a commit and checks how long it is kept. It tells whether the commit was there before: then it was
// only given a later end. What a commit points at must live as long as itself.
func (l *ledger) keep(key workflow.RunKey, n int64, item store.Item, state *record.State) (again bool) {
	old, again := l.kept[item.Key]
	l.kept[item.Key] = item
	switch {
	case item.Expire.IsZero():
		l.world.fail("commit %d of %s is kept for ever", n, key)
	case again && !bytes.Equal(old.Body, item.Body):
		l.world.fail("commit %d of %s is overwritten", n, key)
	case again && !item.Expire.After(old.Expire):
		l.world.fail("commit %d of %s is written again for nothing", n, key)
	case again:
		return true
	case item.Rev != 1:
		l.world.fail("commit %d of %s was there before", n, key)
	}
	for i := range state.Steps {
		step := &state.Steps[i]
		if step.Detail == 0 || step.Status == workflow.NotCreated {
			continue
		}
		home := key
		if step.Home != 0 {
			home.Run = step.Home
		}
		at := record.CommitKey(home, step.Detail)
		if found, ok := l.kept[at]; !ok || found.Expire.Before(item.Expire) {
			l.world.fail("commit %d of %s stands on %s, which is kept until %s only", n, key, at.Sort, found.Expire)
		}
	}
	return again
}
