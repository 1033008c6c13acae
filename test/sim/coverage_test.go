package sim

import (
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

// enough is how many seeds it takes to see everything.
const enough = 500

// covers checks that the seeds reached what they are to test.
func covers(t *testing.T, total *Tally, recovered, count int) {
	if count < enough || t.Failed() {
		return
	}
	for fault, ports := range strikes {
		for _, port := range ports {
			if total.struck[fault][port] == 0 {
				t.Errorf("%s never struck at %s", Fault(fault), port)
			}
		}
	}
	for _, from := range workflow.StepStatuses() {
		for _, to := range workflow.StepMoves(from) {
			n := total.stepMoves[from][to]
			if n == 0 {
				t.Errorf("step %s -> %s", from, to)
			}
		}
	}
	for _, from := range workflow.InstanceStatuses {
		for _, to := range workflow.InstanceStatuses {
			if from.CanMove(to) && total.runMoves[[2]workflow.InstanceStatus{from, to}] == 0 {
				t.Errorf("run %s -> %s", from, to)
			}
		}
	}
	if recovered*10 < count*8 {
		t.Errorf("a recovery in %d of %d seeds", recovered, count)
	}
}
