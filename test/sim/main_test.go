package sim

import (
	"fmt"
	"os"
	"runtime"
	"runtime/debug"
	"testing"
)

// TestMain lets the collector rest, for a world is small and short-lived, and sees that no world outlives its
// test: one coroutine that was left behind keeps all of its world in memory.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	debug.SetMemoryLimit(1 << 30)
	before := runtime.NumGoroutine()
	code := m.Run()
	if left := runtime.NumGoroutine() - before; left > 0 && code == 0 {
		fmt.Fprintf(os.Stderr, "%d coroutines were left behind\n", left)
		code = 1
	}
	os.Exit(code)
}
