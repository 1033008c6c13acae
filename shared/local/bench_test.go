package local

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/workflow"
)

const chainSteps = 50

// chain is a workflow of jobs one after the other: each outcome is one durable commit.
func chain() string {
	var steps []string
	for i := range chainSteps {
		next := ""
		if i < chainSteps-1 {
			next = fmt.Sprintf(`, "transition": {"successors": {"job-%d": "true"}}`, i+1)
		}
		steps = append(steps, fmt.Sprintf(`{"step": {"id": "job-%d", "type": "Echo"%s}}`, i, next))
	}
	return `{"id": "chain", "steps": [` + strings.Join(steps, ",") + `]}`
}

// BenchmarkChains runs chains side by side on the disk. Runs that commit together share an fsync, so twenty of
// them must not take twenty times as long as one.
func BenchmarkChains(b *testing.B) {
	for _, runs := range []int{1, 20, 100} {
		b.Run(fmt.Sprint(runs), func(b *testing.B) {
			l, _ := open(b, b.TempDir())
			wf := push(b, l, chain())
			for b.Loop() {
				keys := make([]workflow.RunKey, runs)
				for i := range keys {
					started, err := l.Trigger.Start(context.Background(), wf, "active", trigger.Start{Initiator: &workflow.Initiator{Type: workflow.InitiatorManual}})
					if err != nil {
						b.Fatal(err)
					}
					keys[i] = started[0].Key
				}
				for _, key := range keys {
					await(b, key.String()+" ends", func() bool { return status(b, l, key).Terminal() })
				}
			}
			b.ReportMetric(float64(b.N*runs*chainSteps)/b.Elapsed().Seconds(), "steps/s")
			b.ReportMetric(float64(b.Elapsed()/time.Millisecond)/float64(b.N), "ms/round")
		})
	}
}
