package sim

import "github.com/segue-workflows/segue/shared/workflow"

// Tally counts what happened, to see that the simulator reaches what it has to test.
type Tally struct {
	struck    [faultCount][portCount]int
	stepMoves [stepStatuses][stepStatuses]int
	runMoves  map[[2]workflow.InstanceStatus]int

	crashes     int
	ordered     int // orders that were acknowledged
	restarted   int // restarts among them
	redelivered int // messages that came again
	expired     int // claims that expired
	found       int // runs that moved because a sweep found them
	handed      handedTally
}

const stepStatuses = int(workflow.TimedOut) + 1

func (t *Tally) stepMove(from, to workflow.StepStatus) { t.stepMoves[from][to]++ }

func (t *Tally) runMove(from, to workflow.InstanceStatus) {
	if t.runMoves == nil {
		t.runMoves = map[[2]workflow.InstanceStatus]int{}
	}
	t.runMoves[[2]workflow.InstanceStatus{from, to}]++
}

// Recovered tells whether anything had to be healed.
func (t *Tally) Recovered() bool { return t.redelivered+t.expired+t.found > 0 }

// Add adds the counts of another.
func (t *Tally) Add(other *Tally) {
	for fault := range t.struck {
		for port := range t.struck[fault] {
			t.struck[fault][port] += other.struck[fault][port]
		}
	}
	for from := range t.stepMoves {
		for to := range t.stepMoves[from] {
			t.stepMoves[from][to] += other.stepMoves[from][to]
		}
	}
	for move, n := range other.runMoves {
		for range n {
			t.runMove(move[0], move[1])
		}
	}
	t.crashes += other.crashes
	t.ordered += other.ordered
	t.restarted += other.restarted
	t.redelivered += other.redelivered
	t.expired += other.expired
	t.found += other.found
	t.handed.add(other.handed)
}
