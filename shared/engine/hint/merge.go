package hint

import (
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Merge joins reports of ended runs of one workflow into one, which rollup answers with one decision, and leaves other
// messages as they are. into tells for each message which of the merged ones says it.
func Merge(messages []Message) (merged []Message, into []int) {
	for _, m := range messages {
		i := slices.IndexFunc(merged, func(other Message) bool { return mergeable(m, other) })
		if i < 0 {
			i, merged = len(merged), append(merged, m)
		} else {
			merged[i].More = append(slices.Clone(merged[i].More), [3]int64{m.Run.Instance, m.Run.Run, m.Commit})
			merged[i].More = append(merged[i].More, m.More...)
		}
		into = append(into, i)
	}
	return merged, into
}

func mergeable(a, b Message) bool {
	return a.Kind == Ended && b.Kind == Ended && a.Run.Workflow == b.Run.Workflow && a.Hops == b.Hops && a.Reason == b.Reason
}

// Each returns a message for each of the runs that a message is about.
func (m Message) Each() []Message {
	one := m
	one.More = nil
	out := []Message{one}
	for _, end := range m.More {
		one.Run = workflow.RunKey{Workflow: m.Run.Workflow, Instance: end[0], Run: end[1]}
		one.Commit = end[2]
		out = append(out, one)
	}
	return out
}
