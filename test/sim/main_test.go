package sim

import (
	"os"
	"runtime/debug"
	"testing"
)

// TestMain lets the collector rest: a world is small and short-lived.
func TestMain(m *testing.M) {
	debug.SetGCPercent(800)
	os.Exit(m.Run())
}
