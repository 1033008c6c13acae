package board

import (
	"sync"

	"github.com/segue-workflows/segue/shared/signal"
)

// maxNames is of how many names is remembered which signals are in their indexes.
const maxNames = 4096

// Indexed remembers for a process up to which number the signals of a name are in all indexes. That stays so: whoever wants
// another index fills it with all that is in the log.
type Indexed struct {
	mu   sync.Mutex
	upTo map[string]int64
}

// has tells whether a signal is known to be in all indexes.
func (i *Indexed) has(in *signal.Instance) bool {
	if i == nil {
		return false
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	return in.Seq <= i.upTo[in.Name]
}

// note remembers that a signal, and so all before it, is in all indexes.
func (i *Indexed) note(in *signal.Instance) {
	if i == nil {
		return
	}
	i.mu.Lock()
	defer i.mu.Unlock()
	if i.upTo == nil || len(i.upTo) >= maxNames && i.upTo[in.Name] == 0 {
		i.upTo = map[string]int64{}
	}
	i.upTo[in.Name] = max(i.upTo[in.Name], in.Seq)
}
