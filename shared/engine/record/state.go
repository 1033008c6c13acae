package record

import (
	"encoding/json"
	"strconv"

	"github.com/segue-workflows/segue/shared/workflow"
)

// State is where a run stands: all that the next decision needs but the details of attempts.
// Times are epoch milliseconds, 0 where there is none.
type State struct {
	Status   workflow.InstanceStatus
	Created  int64
	Start    int64
	End      int64
	Deadline int64                   // of the whole run
	Ending   workflow.InstanceStatus // the status that the run is being brought to from outside: TIMED_OUT, STOPPED, FAILED
	Halted   bool                    // a step failed with FAIL_IMMEDIATELY: everything unfinished is being stopped
	Look     int64                   // when the earliest wake item that is still open looks at the run
	Note     int64                   // the commit that holds the run's timeline
	Steps    []Step                  // by ordinal of the version
}

// Step is where the newest attempt of a step stands.
type Step struct {
	Status     workflow.StepStatus
	Attempt    int64
	Detail     int64 // the commit that holds the attempt's detail
	Start, End int64
	Due        int64               // the step is looked at then: retry, poll, sleep
	Deadline   int64               // the attempt times out then
	Claim      int64               // until when an invocation holds the attempt; 0: nobody does
	Failures   int64               // failed deliveries of the attempt: claims that expired without an outcome
	Ending     workflow.StepStatus // the status that the attempt is being brought to: its job is terminated first
	Retries    [4]int64            // so far, by Cause
	Home       int64               // the run whose commit Detail names, when that is an earlier one; 0: this run
	Part       Part                // what part the step has in the run
	Refused    []int64             // outgoing edges, by index, whose condition was false
	Handed     int64               // 1 + the milliseconds that the job may be silent, once it was handed over to call back; 0: it was not
	Nest       *Nest               // of a step that starts other instances, once it runs
}

// Part is what part a step has in a run: a restart runs only some of the steps.
type Part uint8

const (
	Member  Part = iota // it runs when its predecessors are complete
	Root                // it runs first, whatever its predecessors are
	Outside             // it does not run: it stands as an earlier run left it
	Absent              // it does not run, and no step waits for it: a customised run leaves it out
)

// Cause is why an attempt is followed by another; each has its own counter and limit.
type Cause int

const (
	UserCause Cause = iota
	PlatformCause
	TimeoutCause
	ManualCause
)

// Runs tells whether the step is to run in this run.
func (p Part) Runs() bool { return p == Member || p == Root }

// Taken tells whether the step is complete and its outgoing edge i was taken.
func (s *Step) Taken(i int) bool {
	if !s.Status.Complete() || s.Status == workflow.Unsatisfied {
		return false
	}
	for _, edge := range s.Refused {
		if edge == int64(i) {
			return false
		}
	}
	return true
}

// Clone returns a copy that shares nothing that is ever changed.
func (s *State) Clone() *State {
	out := *s
	out.Steps = append([]Step(nil), s.Steps...)
	for i := range out.Steps {
		if nest := out.Steps[i].Nest; nest != nil {
			out.Steps[i].Nest = nest.Clone()
		}
	}
	return &out
}

const packedFields = 17

// MarshalJSON packs the state into arrays of integers: it is written at every commit.
func (s *State) MarshalJSON() ([]byte, error) {
	out := make([]byte, 0, 96+24*len(s.Steps))
	out = append(out, `{"s":"`...)
	out = append(out, s.Status...)
	out = append(out, '"')
	field := func(name string, value int64) {
		if value != 0 {
			out = append(out, ',', '"')
			out = append(out, name...)
			out = append(out, '"', ':')
			out = strconv.AppendInt(out, value, 10)
		}
	}
	field("c", s.Created)
	field("b", s.Start)
	field("e", s.End)
	field("d", s.Deadline)
	field("l", s.Look)
	field("n", s.Note)
	if s.Ending != "" {
		out = append(out, `,"x":"`...)
		out = append(out, s.Ending...)
		out = append(out, '"')
	}
	if s.Halted {
		out = append(out, `,"h":true`...)
	}
	if nests := s.nests(); len(nests) > 0 {
		body, err := json.Marshal(nests)
		if err != nil {
			return nil, err
		}
		out = append(append(out, `,"f":`...), body...)
	}
	out = append(out, `,"p":[`...)
	for i := range s.Steps {
		if i > 0 {
			out = append(out, ',')
		}
		out = s.Steps[i].pack(out, s.Created)
	}
	return append(out, ']', '}'), nil
}

// nests returns the nests of the steps by ordinal.
func (s *State) nests() map[int]*Nest {
	var out map[int]*Nest
	for i := range s.Steps {
		if s.Steps[i].Nest != nil {
			if out == nil {
				out = map[int]*Nest{}
			}
			out[i] = s.Steps[i].Nest
		}
	}
	return out
}

// pack appends the step as an array without trailing zeros; times count from base, the first of them as 1.
func (s *Step) pack(out []byte, base int64) []byte {
	since := func(t int64) int64 {
		switch {
		case t == 0:
			return 0
		case t < base: // a step that stands as an earlier run left it, or a clock that is behind
			return t - base
		}
		return t - base + 1
	}
	fields := [packedFields]int64{int64(s.Status), s.Attempt, s.Detail, since(s.Start), since(s.End), since(s.Due),
		since(s.Deadline), since(s.Claim), s.Failures, int64(s.Ending), s.Retries[0], s.Retries[1], s.Retries[2], s.Retries[3],
		s.Home, int64(s.Part), s.Handed}
	n := len(fields)
	if len(s.Refused) == 0 {
		for n > 0 && fields[n-1] == 0 {
			n--
		}
	}
	out = append(out, '[')
	for i, value := range fields[:n] {
		if i > 0 {
			out = append(out, ',')
		}
		out = strconv.AppendInt(out, value, 10)
	}
	for _, edge := range s.Refused {
		out = append(out, ',')
		out = strconv.AppendInt(out, edge, 10)
	}
	return append(out, ']')
}

// UnmarshalJSON reads what MarshalJSON wrote.
func (s *State) UnmarshalJSON(data []byte) error {
	var doc struct {
		Status   workflow.InstanceStatus `json:"s"`
		Created  int64                   `json:"c"`
		Start    int64                   `json:"b"`
		End      int64                   `json:"e"`
		Deadline int64                   `json:"d"`
		Look     int64                   `json:"l"`
		Note     int64                   `json:"n"`
		Ending   workflow.InstanceStatus `json:"x"`
		Halted   bool                    `json:"h"`
		Nests    map[int]*Nest           `json:"f"`
		Steps    [][]int64               `json:"p"`
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		return err
	}
	*s = State{Status: doc.Status, Created: doc.Created, Start: doc.Start, End: doc.End, Deadline: doc.Deadline,
		Ending: doc.Ending, Halted: doc.Halted, Look: doc.Look, Note: doc.Note, Steps: make([]Step, len(doc.Steps))}
	for i, fields := range doc.Steps {
		if err := s.Steps[i].unpack(fields, doc.Created); err != nil {
			return err
		}
		s.Steps[i].Nest = doc.Nests[i]
	}
	return nil
}

func (s *Step) unpack(packed []int64, base int64) error {
	var f [packedFields]int64
	n := copy(f[:], packed)
	if !validStatus(f[0]) || !validStatus(f[9]) || f[15] < 0 || f[15] > int64(Absent) {
		return workflow.Errorf(workflow.CodeInternal, "packed step with an unknown status")
	}
	at := func(t int64) int64 {
		switch {
		case t == 0:
			return 0
		case t < 0:
			return base + t
		}
		return base + t - 1
	}
	*s = Step{Status: workflow.StepStatus(f[0]), Attempt: f[1], Detail: f[2], Start: at(f[3]), End: at(f[4]), Due: at(f[5]),
		Deadline: at(f[6]), Claim: at(f[7]), Failures: f[8], Ending: workflow.StepStatus(f[9]), Retries: [4]int64(f[10:14]),
		Home: f[14], Part: Part(f[15]), Handed: f[16]}
	if len(packed) > n {
		s.Refused = append([]int64(nil), packed[n:]...)
	}
	return nil
}

func validStatus(n int64) bool { return n >= 0 && n <= int64(workflow.TimedOut) }
