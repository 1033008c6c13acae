package e2e

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
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
			commands := [][]string{{"validate", file}, append([]string{"run", file}, callees(t, file)...)}
			if filepath.Base(file) == "self-exclusion.json" {
				commands = commands[:1] // it needs services, and has a test of its own
			}
			for _, command := range commands {
				if out, err := exec.Command("segue", command...).CombinedOutput(); err != nil {
					t.Errorf("segue %s: %v\n%s", strings.Join(command, " "), err, out)
				}
			}
		})
	}
}

// callee matches the id of a workflow that a subworkflow step calls.
var callee = regexp.MustCompile(`"subworkflow_id": \{"type": "STRING", "value": "([^"]+)"\}`)

// callees returns the flags that name the definitions which an example calls: each is an example itself.
func callees(t *testing.T, file string) (flags []string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, match := range callee.FindAllStringSubmatch(string(text), -1) {
		if flag := "--with=../../examples/" + match[1] + ".json"; !slices.Contains(flags, flag) {
			flags = append(flags, flag)
		}
	}
	return flags
}
