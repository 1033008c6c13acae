package main

import "github.com/segue-workflows/segue/shared/workflow"

// starts returns shapes that show what a start costs under each run strategy: "idle" when nothing of the workflow runs,
// "busy" when it comes while others do. What becomes of it then is the strategy's business: it waits, is refused, or
// makes one that waits give way.
func starts() []shape {
	var out []shape
	for _, rules := range []workflow.RunStrategy{
		{Rule: workflow.Sequential, Concurrency: 1}, {Rule: workflow.StrictSequential, Concurrency: 1},
		{Rule: workflow.FirstOnly, Concurrency: 1}, {Rule: workflow.LastOnly, Concurrency: 1},
		{Rule: workflow.Parallel, Concurrency: 20}, {Rule: workflow.SerialLatestOnly, Concurrency: 1},
	} {
		one := shape{name: rules.Rule, body: chain(1), kind: "Echo", instances: 200, batch: 1, rules: rules}
		idle, busy := one, one
		idle.name, idle.alone = one.name+", idle", true
		busy.name, busy.crowded = one.name+", busy", true
		out = append(out, idle, busy)
	}
	return out
}
