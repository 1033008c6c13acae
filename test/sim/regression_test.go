package sim

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestRegressions runs the seeds that once found something. A change of what a seed draws makes another
// history of it; the reasons say what to look for then.
func TestRegressions(t *testing.T) {
	files, err := filepath.Glob("testdata/seeds/*.txt")
	if err != nil || len(files) == 0 {
		t.Fatalf("no seeds: %v", err)
	}
	for _, file := range files {
		text, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		for line := range strings.Lines(string(text)) {
			word, reason, _ := strings.Cut(strings.TrimSpace(line), " ")
			if word == "" || word == "#" {
				continue
			}
			seed, err := strconv.ParseUint(word, 10, 64)
			if err != nil || strings.TrimSpace(reason) == "" {
				t.Fatalf("%s: want a seed and a reason: %q", file, line)
			}
			if w := New(Config{Seed: seed}); w.Run() != "" {
				t.Error(strings.TrimSpace(reason))
				report(t, w)
			}
		}
	}
}
