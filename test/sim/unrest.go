package sim

import (
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"maps"

	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/strategy"
	"github.com/segue-workflows/segue/shared/workflow"
)

// unrest returns what is not yet as it has to be when nothing is left to come, "" for nothing.
func (l *ledger) unrest() string {
	blocked := l.head.Strategy.Rule == workflow.StrictSequential && l.head.FailedRuns() > 0
	for _, h := range l.order {
		if !h.state.Status.Terminal() && !(blocked && h.state.Status == workflow.InstanceCreated) {
			return fmt.Sprintf("%s is %s", h.key, h.state.Status)
		}
	}
	for instance := int64(1); instance < l.head.Next; instance++ {
		if ref := (strategy.Ref{Instance: instance, Run: 1}); l.run(ref) == nil && !l.pending(ref) {
			return fmt.Sprintf("instance %d was never there", instance)
		}
	}
	for _, e := range l.head.Evicted {
		if h := l.run(e.Ref); h != nil && !h.state.Status.Terminal() {
			return fmt.Sprintf("run %v never made way", e.Ref)
		}
	}
	for _, ref := range open(l.head) {
		if blocked && l.head.IsQueued(ref) {
			continue
		}
		// What the next write of the head will find ended, or interrupted, may stay until then.
		if h := l.run(ref); h != nil && h.commits > 1 || !l.pending(ref) {
			return fmt.Sprintf("run %v was never taken out of the head", ref)
		}
	}
	return ""
}

func (l *ledger) run(ref strategy.Ref) *history {
	return l.runs[workflow.RunKey{Workflow: "wf", Instance: ref.Instance, Run: ref.Run}]
}

func (l *ledger) pending(ref strategy.Ref) bool {
	return slices.ContainsFunc(l.head.Pending, func(p strategy.Pending) bool { return p.Ref == ref })
}

// describe tells what has not ended, for people.
func (l *ledger) describe() string {
	var out strings.Builder
	for _, h := range l.order {
		if h.state.Status.Terminal() {
			continue
		}
		fmt.Fprintf(&out, "%s %s", h.key, h.state.Status)
		for i, step := range h.state.Steps {
			if step.Status.Live() {
				fmt.Fprintf(&out, "; step %d %s due %s claim %s", i, step.Status, clockOf(step.Due), clockOf(step.Claim))
				if step.Nest != nil {
					fmt.Fprintf(&out, " nest %+v", *step.Nest)
				}
			}
		}
		out.WriteByte('\n')
	}
	keys := slices.SortedFunc(maps.Keys(l.pools), func(a, b store.Key) int { return strings.Compare(a.Part, b.Part) })
	for _, key := range keys {
		fmt.Fprintf(&out, "%s: %s\n", key.Part, record.Encode(l.pools[key]))
	}
	fmt.Fprintf(&out, "head: running %v, queued %v, pending %v", l.head.Running, l.head.Queued, l.head.Pending)
	return out.String()
}

func clockOf(ms int64) time.Duration {
	if ms == 0 {
		return 0
	}
	return time.UnixMilli(ms).Sub(epoch)
}
