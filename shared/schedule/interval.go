package schedule

import (
	"encoding/json"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// interval is executions that are equally far apart.
type interval struct {
	start time.Time
	every time.Duration
}

// newInterval reads an interval trigger. One without a start counts from the epoch, so that the same trigger has
// the same times wherever it is computed.
func newInterval(trigger workflow.TimeTrigger, zone *time.Location) (*interval, error) {
	every, err := workflow.ParseDuration(plain(trigger.Interval))
	if err != nil {
		return nil, err
	}
	if every < MinInterval {
		return nil, workflow.Errorf(workflow.CodeInvalid, "executions must be at least two minutes apart")
	}
	out := &interval{start: time.UnixMilli(0).UTC(), every: every}
	if trigger.Start != nil {
		out.start, err = startOf(plain(trigger.Start), zone)
	}
	return out, err
}

// plain returns a value of JSON, a number or a text, as text.
func plain(v any) string {
	if text, ok := v.(string); ok {
		return strings.TrimSpace(text)
	}
	text, err := json.Marshal(v)
	if err != nil {
		return ""
	}
	return string(text)
}

func (i *interval) next(after time.Time) (time.Time, bool) {
	if after.Before(i.start) {
		return i.start, true
	}
	return i.start.Add((after.Sub(i.start)/i.every + 1) * i.every), true
}

// CheckStart returns CodeInvalid when the text is not the start of an interval.
func CheckStart(text string) error {
	_, err := startOf(strings.TrimSpace(text), time.UTC)
	return err
}

// abbreviations are the names of zones that a start may end with, by their hours from UTC.
var abbreviations = map[string]int{"UTC": 0, "GMT": 0, "EST": -5, "EDT": -4, "CST": -6, "CDT": -5, "MST": -7, "MDT": -6, "PST": -8, "PDT": -7}

// startOf reads epoch milliseconds, or a date with a time; one without an offset is meant in the zone.
func startOf(text string, zone *time.Location) (time.Time, error) {
	var millis int64
	if json.Unmarshal([]byte(text), &millis) == nil {
		return time.UnixMilli(millis).UTC(), nil
	}
	for _, layout := range []string{time.RFC3339, "2006-01-02 15:04:05Z07:00", "2006-01-02T15:04:05", time.DateTime, time.DateOnly} {
		if at, err := time.ParseInLocation(layout, text, zone); err == nil {
			return at.UTC(), nil
		}
	}
	if len(text) > 3 {
		// time.Parse makes up zones for names that it does not know.
		if hours, ok := abbreviations[text[len(text)-3:]]; ok {
			zone := time.FixedZone("", hours*60*60)
			if at, err := time.ParseInLocation(time.DateTime, strings.TrimSpace(text[:len(text)-3]), zone); err == nil {
				return at.UTC(), nil
			}
		}
	}
	return time.Time{}, workflow.Errorf(workflow.CodeInvalid, "the start is neither epoch milliseconds nor a time such as 2026-03-26T16:00:00Z")
}
