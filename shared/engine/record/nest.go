package record

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Link names the step of another instance that started this one.
type Link struct {
	Parent  workflow.RunKey `json:"p"`
	Ordinal int             `json:"o"`
	Attempt int64           `json:"a"`
	Detail  int64           `json:"d"`           // the commit of the parent that holds the params of the step
	Inline  bool            `json:"n,omitempty"` // the instance is an iteration of a loop: most of its header follows from the parent's
}

// Leaves counts leaf steps by status.
type Leaves [int(workflow.TimedOut) + 1]int64

// Add adds other, times times.
func (l *Leaves) Add(other Leaves, times int64) {
	for i, n := range other {
		l[i] += times * n
	}
}

// Total returns how many leaves there are.
func (l Leaves) Total() (n int64) {
	for _, count := range l {
		n += count
	}
	return n
}

// MarshalJSON writes [status, count, status, count, …].
func (l Leaves) MarshalJSON() ([]byte, error) {
	pairs := []int64{}
	for status, n := range l {
		if n != 0 {
			pairs = append(pairs, int64(status), n)
		}
	}
	return json.Marshal(pairs)
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (l *Leaves) UnmarshalJSON(data []byte) error {
	var pairs []int64
	if err := json.Unmarshal(data, &pairs); err != nil {
		return err
	}
	*l = Leaves{}
	for i := 0; i+1 < len(pairs); i += 2 {
		if !validStatus(pairs[i]) {
			return workflow.Errorf(workflow.CodeInternal, "leaves of an unknown status")
		}
		l[pairs[i]] = pairs[i+1]
	}
	return nil
}

// End is how an iteration ended; 0 while it has not.
type End byte

// Ends, as a progress item writes them: in lower case where an earlier attempt of the loop left them.
const (
	Unended   End = '.'
	Succeeded End = 'S'
	Failed    End = 'F'
	Stopped   End = 'P'
	TimedOut  End = 'T'
)

// EndOf returns the end that a terminal status of an instance is.
func EndOf(status workflow.InstanceStatus) End {
	switch status {
	case workflow.InstanceSucceeded:
		return Succeeded
	case workflow.InstanceStopped:
		return Stopped
	case workflow.InstanceTimedOut:
		return TimedOut
	}
	return Failed
}

// Status returns the status of an instance that ended so.
func (e End) Status() workflow.InstanceStatus {
	switch e.own() {
	case Succeeded:
		return workflow.InstanceSucceeded
	case Stopped:
		return workflow.InstanceStopped
	case TimedOut:
		return workflow.InstanceTimedOut
	}
	return workflow.InstanceFailed
}

// kept marks an end that an earlier attempt of the loop left.
const kept = 'a' - 'A'

// Kept tells whether an earlier attempt of the loop left the end.
func (e End) Kept() bool { return e >= 'a' }

func (e End) own() End {
	if e.Kept() {
		return e - kept
	}
	return e
}

// Succeeded tells whether the iteration succeeded, in whatever attempt.
func (e End) Succeeded() bool { return e.own() == Succeeded }

// Keep returns the end as a later attempt of the loop writes it.
func (e End) Keep() End { return e.own() + kept }

// Sums is what the ends of some iterations come to.
type Sums struct {
	Ends   Ends   `json:"e"`
	Leaves Leaves `json:"l"`
}

// Ends counts iterations: succeeded, failed, stopped, timed out.
type Ends [4]int64

var endIndex = map[End]int{Succeeded: 0, Failed: 1, Stopped: 2, TimedOut: 3}

// EndsOf counts one end.
func EndsOf(end End) (out Ends) {
	out[endIndex[end.own()]] = 1
	return out
}

// Of returns how many iterations ended so.
func (e Ends) Of(end End) int64 { return e[endIndex[end.own()]] }

// Succeed adds n iterations that succeeded.
func (e *Ends) Succeed(n int64) { e[0] += n }

// Total returns how many iterations ended.
func (e Ends) Total() int64 { return e[0] + e[1] + e[2] + e[3] }

// Add adds other, times times.
func (s *Sums) Add(other Sums, times int64) {
	for i, n := range other.Ends {
		s.Ends[i] += times * n
	}
	s.Leaves.Add(other.Leaves, times)
}

// BlockSize is how many iterations one progress item holds.
const BlockSize = 1024

// BlockOf returns the block of iteration n, which counts from 1.
func BlockOf(n int64) int64 { return (n - 1) / BlockSize }

// Nest is where the instances stand that a foreach, while or subworkflow step starts.
type Nest struct {
	Run      int64   `json:"r"`           // the number of the runs of its iterations
	Most     int64   `json:"m,omitempty"` // the largest number of a run that was restarted in place; 0: none was
	Total    int64   `json:"t,omitempty"` // iterations in all; 0 where that is not known
	Next     int64   `json:"n,omitempty"` // iterations 1 to Next were let begin, or kept
	Launched int64   `json:"l,omitempty"` // how many were let begin by this attempt
	Seen     int64   `json:"s,omitempty"` // iterations 1 to Seen are known to be on their way
	Child    int64   `json:"c,omitempty"` // the instance that a subworkflow step started
	Began    bool    `json:"y,omitempty"` // and this attempt knows that it did
	Closed   Sums    `json:"z"`           // of the blocks that are complete
	Own      int64   `json:"o,omitempty"` // of their ends, how many this attempt made
	Open     []Block `json:"b,omitempty"` // the other blocks, ascending
	Again    []Again `json:"g,omitempty"` // iterations that are restarted while the loop goes on
	Last     Leaves  `json:"w,omitzero"`  // of a while step: the leaves of the newest iteration that ended
	Base     *Base   `json:"p,omitempty"` // the attempt that this one goes on from
}

// Block is what the parent knows of a block: a copy of what its progress item says at a revision.
type Block struct {
	Number int64 `json:"n"`
	Rev    int64 `json:"r,omitempty"`
	Own    int64 `json:"o,omitempty"` // how many of its ends this attempt made
	Low    int64 `json:"w,omitempty"` // the offset of its first iteration that has not ended
	Sums
}

// Base is the attempt of a loop that a later one goes on from, and what of it stays.
type Base struct {
	Run     int64 `json:"r"`           // the run of the instance
	Attempt int64 `json:"a"`           // of the loop in that run
	Nest    int64 `json:"n"`           // the number of the runs of its iterations
	Commit  int64 `json:"c"`           // the commit that holds the detail of the attempt
	Again   int64 `json:"i,omitempty"` // the one iteration that runs again; 0: all that did not succeed

	Restart *Restart         `json:"s,omitempty"` // how that one runs again
	Values  *workflow.Params `json:"v,omitzero"`  // of a while step: the loop values with which that one runs again
	Before  *Base            `json:"b,omitempty"` // the attempt that this one went on from
}

// Again is the restart of one iteration in place.
type Again struct {
	Iteration int64    `json:"i"`
	Run       int64    `json:"r"`
	Restart   *Restart `json:"s,omitempty"`
}

// Newest returns the largest number of a run of its iterations: those of a later attempt are larger.
func (n *Nest) Newest() int64 { return max(n.Run, n.Most) }

// Sums returns what all blocks come to.
func (n *Nest) Sums() Sums {
	sum := n.Closed
	for _, block := range n.Open {
		sum.Add(block.Sums, 1)
	}
	return sum
}

// Running returns how many iterations this attempt let begin that have not ended.
func (n *Nest) Running() int64 {
	own := n.Own
	for _, block := range n.Open {
		own += block.Own
	}
	return n.Launched - own
}

// Busy tells whether an iteration has not ended, also one that is restarted in place.
func (n *Nest) Busy() bool { return n.Running() > 0 || len(n.Again) > 0 }

// Clone returns a copy that shares nothing that is ever changed.
func (n *Nest) Clone() *Nest {
	out := *n
	out.Open = append([]Block(nil), n.Open...)
	out.Again = append([]Again(nil), n.Again...)
	return &out
}
