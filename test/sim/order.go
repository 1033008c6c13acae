package sim

import "github.com/segue-workflows/segue/shared/workflow"

// limit is how many runs may execute together.
func (w *World) limit() int {
	if w.strategy.Rule == workflow.Parallel {
		return int(max(w.strategy.Concurrency, 1))
	}
	return 1
}

// lost tells whether the test ordered this message to be lost.
func (w *World) lost(string) bool {
	w.sends++
	return w.LoseAt == w.sends
}
