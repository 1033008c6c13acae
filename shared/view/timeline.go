package view

import (
	"cmp"
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

func status(at int64, name string) workflow.Event {
	return workflow.Event{Timestamp: at, Type: workflow.EventStatus, Status: name}
}

// enrich returns the events and the changes of status in the order of time; a change comes before what was said
// in the same millisecond.
func enrich(events workflow.Timeline, statuses []workflow.Event) workflow.Timeline {
	out := append(workflow.Timeline(statuses), events...)
	slices.SortStableFunc(out, func(a, b workflow.Event) int { return cmp.Compare(a.Timestamp, b.Timestamp) })
	return out
}
