package schedule

import (
	"encoding/json"
	"fmt"
	"hash/fnv"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// MinInterval is how far apart a trigger's executions must be.
const MinInterval = 2 * time.Minute

// Schedule is one time trigger of a workflow. Make it with Parse.
type Schedule struct {
	Trigger workflow.TimeTrigger
	times   times
	cron    *cronText // nil: an interval
	delay   time.Duration
	zone    *time.Location
}

// times returns the first execution after a time, before any delay, and whether there is one.
type times interface {
	next(after time.Time) (time.Time, bool)
}

var predefined = map[string]string{
	"@hourly":  "0 * * * *",
	"@daily":   "0 0 * * *",
	"@weekly":  "0 0 * * 0",
	"@monthly": "0 0 1 * *",
	"@yearly":  "0 0 1 1 *",
}

// Parse reads a time trigger of a workflow. The workflow's id is part of the fuzzy delay: the same trigger in two
// workflows does not run at the same second. It returns CodeInvalid with what is wrong.
func Parse(wf workflow.ID, trigger workflow.TimeTrigger) (*Schedule, error) {
	s := &Schedule{Trigger: trigger, zone: time.UTC}
	if trigger.Timezone != "" {
		zone, err := time.LoadLocation(trigger.Timezone)
		if err != nil || trigger.Timezone == "Local" {
			return nil, workflow.Errorf(workflow.CodeInvalid, "%q is no time zone", trigger.Timezone)
		}
		s.zone = zone
	}
	text := trigger.Cron
	switch trigger.Type {
	case workflow.TriggerPredefined:
		if text = predefined[trigger.Expression]; text == "" {
			return nil, workflow.Errorf(workflow.CodeInvalid, "%q is no predefined expression", trigger.Expression)
		}
		fallthrough
	case workflow.TriggerCron:
		parsed, problem := parseCron(text)
		if problem != "" {
			return nil, workflow.Errorf(workflow.CodeInvalid, "%q cannot be used as cron: %s", text, problem)
		}
		s.cron, s.times = parsed, newCronTimes(parsed, s.zone)
	case workflow.TriggerInterval:
		every, err := newInterval(trigger, s.zone)
		if err != nil {
			return nil, err
		}
		s.times = every
	default:
		return nil, workflow.Errorf(workflow.CodeInvalid, "%q is no type of a time trigger", trigger.Type)
	}
	var err error
	s.delay, err = fuzzyDelay(wf, trigger)
	return s, err
}

// fuzzyDelay picks the delay of a trigger in whole seconds below its maximum. It follows from the content, so every
// version that keeps the trigger keeps it.
func fuzzyDelay(wf workflow.ID, trigger workflow.TimeTrigger) (time.Duration, error) {
	if trigger.FuzzyMaxDelay == nil {
		return 0, nil
	}
	if !trigger.FuzzyMaxDelay.Literal() {
		return 0, workflow.Errorf(workflow.CodeInvalid, "fuzzy_max_delay must be a number or a duration: it is known before any run, so it cannot use params")
	}
	longest, err := workflow.ParseDelay(trigger.FuzzyMaxDelay.String())
	if err != nil || longest < time.Second {
		return 0, err
	}
	sum := fnv.New64a()
	fmt.Fprintf(sum, "%s\n%s", wf, canonical([]workflow.TimeTrigger{trigger}))
	return time.Duration(sum.Sum64()%uint64(longest/time.Second)) * time.Second, nil
}

// canonical is the textual form of triggers: their JSON, whose fields have one order.
func canonical(triggers []workflow.TimeTrigger) []byte {
	text, err := json.Marshal(triggers)
	if err != nil {
		panic("schedule: a trigger that was parsed does not marshal: " + err.Error())
	}
	return text
}

// Next returns the first execution after a time, in UTC, and whether there is one at all.
func (s *Schedule) Next(after time.Time) (time.Time, bool) {
	at, ok := s.times.next(after.Add(-s.delay))
	if !ok {
		return time.Time{}, false
	}
	return at.Add(s.delay).UTC(), true
}

// Between returns the executions from a time up to another, both included, at most max, and whether that is all.
func (s *Schedule) Between(from, to time.Time, max int) (out []time.Time, all bool) {
	for at, ok := s.Next(from.Add(-1)); ok && !at.After(to); at, ok = s.Next(at) {
		if len(out) == max {
			return out, false
		}
		out = append(out, at)
	}
	return out, true
}

// Delay returns by how much each execution is later than its trigger says: the fuzzy delay.
func (s *Schedule) Delay() time.Duration { return s.delay }

// Zone returns the zone in which the trigger's times are meant.
func (s *Schedule) Zone() *time.Location { return s.zone }

// Cron returns the seven fields of a cron trigger, second first and year last, and whether they are in Quartz's
// notation; unix cron has "" for both. Intervals have none.
func (s *Schedule) Cron() (fields []string, quartz bool) {
	if s.cron == nil {
		return nil, false
	}
	return s.cron.parts, s.cron.quartz
}

// Second returns the second of the minute at which a cron trigger runs, without its delay.
func (s *Schedule) Second() int {
	if s.cron != nil {
		for n := range s.cron.seconds.numbers {
			return n
		}
	}
	return 0
}
