package workflow_test

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

var update = flag.Bool("update", false, "write the golden files anew")

func TestDiagramsAreThoseOfTheTables(t *testing.T) {
	for name, diagram := range map[string]string{"step.mermaid": workflow.StepDiagram(), "instance.mermaid": workflow.InstanceDiagram()} {
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(diagram), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diagram != string(want) {
			t.Errorf("%s is not what the table says; run go test ./shared/workflow -update and review the change", path)
		}
	}
}

func TestEveryStepStatusIsReachableAndHasAWayOut(t *testing.T) {
	reached := map[workflow.StepStatus]bool{workflow.NotCreated: true}
	for queue := []workflow.StepStatus{workflow.NotCreated}; len(queue) > 0; queue = queue[1:] {
		for _, to := range workflow.StepMoves(queue[0]) {
			if !reached[to] {
				reached[to] = true
				queue = append(queue, to)
			}
		}
	}
	for _, s := range workflow.StepStatuses() {
		// DISABLED is in the model and is never produced.
		if !reached[s] && s != workflow.Disabled {
			t.Errorf("%s cannot be reached", s)
		}
		if len(workflow.StepMoves(s)) == 0 {
			t.Errorf("%s has no way out", s)
		}
	}
}

func TestATerminalAttemptOnlyGivesWayToTheNext(t *testing.T) {
	for _, s := range workflow.StepStatuses() {
		for _, to := range workflow.StepMoves(s) {
			if s.Terminal() && !s.Retrying() && to != workflow.Created {
				t.Errorf("%s is terminal and may become %s", s, to)
			}
		}
	}
	for _, s := range workflow.InstanceStatuses {
		for _, to := range workflow.InstanceStatuses {
			if s.Terminal() && s.CanMove(to) {
				t.Errorf("a run in the terminal status %s may become %s", s, to)
			}
		}
	}
}
