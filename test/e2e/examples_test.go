package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// TestExamplesRun runs every definition in examples/: what people copy must work.
func TestExamplesRun(t *testing.T) {
	t.Parallel()
	index, err := os.ReadFile("../../examples/README.md")
	if err != nil {
		t.Fatal(err)
	}
	var files []string
	for _, pattern := range []string{"*.json", "*.yaml"} {
		found, err := filepath.Glob("../../examples/" + pattern)
		if err != nil {
			t.Fatal(err)
		}
		files = append(files, found...)
	}
	if len(files) == 0 {
		t.Fatal("there are no examples")
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			if !strings.Contains(string(index), "("+filepath.Base(file)+")") {
				t.Error("the table in examples/README.md does not mention it")
			}
			for _, command := range []string{"validate", "run"} {
				if out, err := exec.Command("segue", command, file).CombinedOutput(); err != nil {
					t.Errorf("segue %s: %v\n%s", command, err, out)
				}
			}
		})
	}
}
