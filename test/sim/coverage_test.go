package sim

import (
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

// enough is how many seeds it takes to see everything.
const enough = 1500

// absent are the legal moves of a step that no seed makes yet, by what they wait for. One that is made all the
// same has to be taken out of here.
var absent = []struct {
	waitsFor string
	from     []workflow.StepStatus
	to       []workflow.StepStatus
}{
	{"the simulator sets no breakpoints", list(workflow.Initialized), list(workflow.Paused)},
	{"the simulator sets no breakpoints", list(workflow.Paused), list(workflow.WaitingForSignals, workflow.Skipped, workflow.Stopped,
		workflow.TimedOut, workflow.FatallyFailed, workflow.InternallyFailed)},
	{"the simulator skips no steps", list(workflow.Created, workflow.Initialized, workflow.WaitingForSignals, workflow.EvaluatingParams,
		workflow.WaitingForPermits, workflow.Starting, workflow.Running, workflow.UserFailed, workflow.PlatformFailed,
		workflow.TimeoutFailed), list(workflow.Skipped)},
	{"the simulator skips no steps", list(workflow.UserFailed, workflow.PlatformFailed, workflow.TimeoutFailed), list(workflow.InternallyFailed)},
	{"the simulator kills no steps", list(workflow.Created, workflow.Initialized, workflow.WaitingForSignals, workflow.EvaluatingParams,
		workflow.WaitingForPermits, workflow.UserFailed, workflow.PlatformFailed, workflow.TimeoutFailed),
		list(workflow.FatallyFailed, workflow.CompletedWithError)},
	{"the simulator kills no steps", list(workflow.Paused), list(workflow.CompletedWithError)},
	{"no commit leaves a step there until signals are waited for", list(workflow.Created, workflow.Initialized,
		workflow.WaitingForSignals, workflow.EvaluatingParams), list(workflow.Stopped, workflow.TimedOut)},
	{"nothing of a signal dependency can fail until they are evaluated", list(workflow.Initialized, workflow.WaitingForSignals),
		list(workflow.InternallyFailed)},
	{"permits cannot fail until there are some", list(workflow.WaitingForPermits), list(workflow.InternallyFailed)},
	{"no commit leaves a step there until output signals are announced", list(workflow.Finishing),
		list(workflow.UserFailed, workflow.PlatformFailed, workflow.TimeoutFailed, workflow.FatallyFailed,
			workflow.CompletedWithError, workflow.Skipped, workflow.Stopped, workflow.TimedOut)},
	{"no step is disabled yet", list(workflow.Disabled), list(workflow.Created)},
	{"the simulator restarts nothing", list(workflow.Unsatisfied, workflow.Skipped, workflow.Succeeded, workflow.CompletedWithError,
		workflow.FatallyFailed, workflow.InternallyFailed, workflow.Stopped, workflow.TimedOut), list(workflow.Created)},
}

// absentOfRuns are the legal moves of a run that no seed makes yet.
var absentOfRuns = []struct {
	waitsFor string
	from, to workflow.InstanceStatus
}{
	{"the simulator kills no runs", workflow.InstanceCreated, workflow.InstanceFailed},
	{"the simulator pauses no runs", workflow.InstanceInProgress, workflow.InstancePaused},
	{"the simulator pauses no runs", workflow.InstancePaused, workflow.InstanceInProgress},
	{"the simulator pauses no runs", workflow.InstancePaused, workflow.InstanceFailed},
	{"the simulator pauses no runs", workflow.InstancePaused, workflow.InstanceStopped},
	{"the simulator pauses no runs", workflow.InstancePaused, workflow.InstanceTimedOut},
}

func list(statuses ...workflow.StepStatus) []workflow.StepStatus { return statuses }

// covers checks that the seeds reached what they are to test.
func covers(t *testing.T, total *Tally, recovered, count int) {
	if count < enough || t.Failed() {
		return
	}
	made, all := coverSteps(t, total)
	t.Logf("%d of %d legal moves of a step; the others wait for a feature", made, all)
	made, all = coverRuns(t, total)
	t.Logf("%d of %d legal moves of a run; the others wait for a feature", made, all)
	struck, possible := 0, 0
	for fault, ports := range strikes {
		for _, port := range ports {
			if possible++; total.struck[fault][port] > 0 {
				struck++
			} else {
				t.Errorf("%s never struck at %s", Fault(fault), port)
			}
		}
	}
	t.Logf("%d of %d pairs of fault and port call", struck, possible)
	if recovered*10 < count*8 {
		t.Errorf("a recovery in %d of %d seeds only", recovered, count)
	}
}

func coverSteps(t *testing.T, total *Tally) (made, all int) {
	waits := map[[2]workflow.StepStatus]string{}
	for _, row := range absent {
		for _, from := range row.from {
			for _, to := range row.to {
				if !from.CanMove(to) {
					t.Errorf("%s -> %s is not legal at all", from, to)
				}
				waits[[2]workflow.StepStatus{from, to}] = row.waitsFor
			}
		}
	}
	for _, from := range workflow.StepStatuses() {
		for _, to := range workflow.StepMoves(from) {
			n, reason := total.stepMoves[from][to], waits[[2]workflow.StepStatus{from, to}]
			judge(t, from.String()+" -> "+to.String(), n, reason)
			if all++; n > 0 {
				made++
			}
		}
	}
	return made, all
}

func coverRuns(t *testing.T, total *Tally) (made, all int) {
	waits := map[[2]workflow.InstanceStatus]string{}
	for _, row := range absentOfRuns {
		waits[[2]workflow.InstanceStatus{row.from, row.to}] = row.waitsFor
	}
	for _, from := range workflow.InstanceStatuses {
		for _, to := range workflow.InstanceStatuses {
			if !from.CanMove(to) {
				continue
			}
			move := [2]workflow.InstanceStatus{from, to}
			judge(t, string(from)+" -> "+string(to), total.runMoves[move], waits[move])
			if all++; total.runMoves[move] > 0 {
				made++
			}
		}
	}
	return made, all
}

// judge compares how often a move was made with what is expected.
func judge(t *testing.T, move string, made int, waitsFor string) {
	t.Helper()
	switch {
	case made == 0 && waitsFor == "":
		t.Errorf("no seed moves %s", move)
	case made > 0 && waitsFor != "":
		t.Errorf("%d moves %s, which was to wait for: %s", made, move, waitsFor)
	}
}

// enoughOrders is how many seeds it takes for clients to bring about all that they can.
const enoughOrders = 500

// ordered are the moves that only clients bring about.
var ordered = []struct{ from, to workflow.StepStatus }{
	{workflow.Initialized, workflow.Paused},
	{workflow.Paused, workflow.WaitingForSignals},
	{workflow.Paused, workflow.Stopped},
	{workflow.WaitingForPermits, workflow.Skipped},
}

// orderedOfRuns are the same for runs.
var orderedOfRuns = []struct{ from, to workflow.InstanceStatus }{
	{workflow.InstanceCreated, workflow.InstanceFailed},
	{workflow.InstanceCreated, workflow.InstanceStopped},
	{workflow.InstanceInProgress, workflow.InstancePaused},
	{workflow.InstancePaused, workflow.InstanceInProgress},
}

// coversOrders checks that the seeds reached what clients can bring about.
func coversOrders(t *testing.T, total *Tally, count int) {
	if count < enoughOrders || t.Failed() {
		return
	}
	for _, move := range ordered {
		judge(t, move.from.String()+" -> "+move.to.String(), total.stepMoves[move.from][move.to], "")
	}
	for _, move := range orderedOfRuns {
		judge(t, string(move.from)+" -> "+string(move.to), total.runMoves[[2]workflow.InstanceStatus{move.from, move.to}], "")
	}
	if total.restarted < count/10 {
		t.Errorf("%d restarts in %d seeds only", total.restarted, count)
	}
}
