package schedule

import (
	"cmp"
	"crypto/md5"
	"slices"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Plan is all time triggers of a workflow together.
type Plan struct {
	UUID      string // names the list; a version that keeps the list keeps it
	Schedules []*Schedule
}

// Execution is a time at which a workflow is to start.
type Execution struct {
	At       time.Time
	Trigger  int    // which of the triggers
	Timezone string // of that trigger
}

// NewPlan reads the time triggers of a workflow. It returns CodeInvalid with what is wrong with the first bad one.
func NewPlan(wf workflow.ID, triggers []workflow.TimeTrigger) (*Plan, error) {
	out := &Plan{UUID: UUID(wf, triggers)}
	for _, trigger := range triggers {
		s, err := Parse(wf, trigger)
		if err != nil {
			return nil, err
		}
		out.Schedules = append(out.Schedules, s)
	}
	return out, nil
}

// UUID names a list of time triggers of a workflow: a name-based id over the workflow's id and the list.
func UUID(wf workflow.ID, triggers []workflow.TimeTrigger) string {
	return nameUUID(wf + string(canonical(triggers)))
}

// RequestID is the request id of the start at one time: whoever computes the time again asks for the same instance.
func RequestID(wf workflow.ID, trigger string, at time.Time) string {
	return nameUUID(wf + ":" + trigger + ":" + strconv.FormatInt(at.Unix(), 10))
}

// Next returns the first execution after a time, and whether there is one.
func (p *Plan) Next(after time.Time) (Execution, bool) {
	var first Execution
	found := false
	for i, s := range p.Schedules {
		if at, ok := s.Next(after); ok && (!found || at.Before(first.At)) {
			first, found = Execution{at, i, s.Trigger.Timezone}, true
		}
	}
	return first, found
}

// Between returns the executions from a time up to another, both included, in their order, at most max, and whether
// that is all. Triggers that meet at one second start the workflow once: their request ids are the same.
func (p *Plan) Between(from, to time.Time, max int) (out []Execution, all bool) {
	all = true
	for i, s := range p.Schedules {
		at, whole := s.Between(from, to, max)
		all = all && whole
		for _, t := range at {
			out = append(out, Execution{t, i, s.Trigger.Timezone})
		}
	}
	slices.SortStableFunc(out, func(a, b Execution) int { return cmp.Or(a.At.Compare(b.At), a.Trigger-b.Trigger) })
	out = slices.CompactFunc(out, func(a, b Execution) bool { return a.At.Equal(b.At) })
	if len(out) > max {
		out, all = out[:max], false
	}
	return out, all
}

// nameUUID is the reference's name-based id: version 3 over the bare bytes of the name, without a namespace.
func nameUUID(name string) string {
	sum := md5.Sum([]byte(name))
	sum[6] = sum[6]&0x0f | 0x30
	sum[8] = sum[8]&0x3f | 0x80
	return uuid.UUID(sum).String()
}
