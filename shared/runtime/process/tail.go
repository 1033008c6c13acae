package process

import (
	"sync"

	"github.com/segue-workflows/segue/shared/runtime/container"
)

// tail keeps the end of what is written to it.
type tail struct {
	mu   sync.Mutex
	kept []byte
}

// Write keeps the end of p; it never fails.
func (t *tail) Write(p []byte) (int, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	n := len(p)
	if len(p) > container.MaxLogBytes {
		p = p[len(p)-container.MaxLogBytes:]
	}
	// Twice the size is kept before it is cut, so that short writes do not move everything each time.
	if t.kept = append(t.kept, p...); len(t.kept) > 2*container.MaxLogBytes {
		t.kept = append(t.kept[:0], t.kept[len(t.kept)-container.MaxLogBytes:]...)
	}
	return n, nil
}

func (t *tail) text() string {
	t.mu.Lock()
	defer t.mu.Unlock()
	return container.Tail(string(t.kept))
}
