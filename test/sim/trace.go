package sim

import (
	"bytes"
	"fmt"
)

// trace is the history of a world in words.
type trace struct{ text bytes.Buffer }

func (t *trace) line(w *World, format string, args ...any) {
	elapsed := w.now.Sub(epoch).Milliseconds()
	fmt.Fprintf(&t.text, "%6d %4d.%03d ", w.turns, elapsed/1000, elapsed%1000)
	fmt.Fprintf(&t.text, format, args...)
	t.text.WriteByte('\n')
}

// tail returns the last n lines.
func (t *trace) tail(n int) string {
	lines := bytes.SplitAfter(t.text.Bytes(), []byte("\n"))
	return string(bytes.Join(lines[max(0, len(lines)-n):], nil))
}
