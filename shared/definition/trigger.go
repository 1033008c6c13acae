package definition

import (
	"time"
	_ "time/tzdata" // zones must be known wherever the engine runs

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/schedule"
	"github.com/segue-workflows/segue/shared/workflow"
)

var predefined = []string{"@hourly", "@daily", "@weekly", "@monthly", "@yearly"}

func timeTrigger(v *document.Value) workflow.TimeTrigger {
	var trigger workflow.TimeTrigger
	if !v.Is(document.Object) {
		return trigger
	}
	kind := v.Child("type")
	if kind == nil {
		v.Fault("a time trigger needs the field %q: CRON, PREDEFINED or INTERVAL", "type")
		return trigger
	}
	if shape := triggerShapes[kind.Enum(workflow.TriggerCron, workflow.TriggerPredefined, workflow.TriggerInterval)]; shape != nil {
		shape.Read(v, &trigger)
	}
	return trigger
}

type triggerFields = map[string]func(*workflow.TimeTrigger, *document.Value)

var triggerShapes = map[string]*document.Shape[workflow.TimeTrigger]{
	workflow.TriggerCron: triggerShape("a CRON trigger", "cron", triggerFields{
		"cron": func(t *workflow.TimeTrigger, v *document.Value) { t.Cron = cron(v) },
	}),
	workflow.TriggerPredefined: triggerShape("a PREDEFINED trigger", "expression", triggerFields{
		"expression": func(t *workflow.TimeTrigger, v *document.Value) { t.Expression = v.Enum(predefined...) },
	}),
	workflow.TriggerInterval: triggerShape("an INTERVAL trigger", "interval", triggerFields{
		"interval": func(t *workflow.TimeTrigger, v *document.Value) { t.Interval = interval(v) },
		"start":    func(t *workflow.TimeTrigger, v *document.Value) { t.Start = start(v) },
	}),
}

func triggerShape(what, required string, fields triggerFields) *document.Shape[workflow.TimeTrigger] {
	fields["type"] = func(t *workflow.TimeTrigger, v *document.Value) {
		t.Type = v.Enum(workflow.TriggerCron, workflow.TriggerPredefined, workflow.TriggerInterval)
	}
	fields["timezone"] = func(t *workflow.TimeTrigger, v *document.Value) { t.Timezone = timezone(v) }
	fields["fuzzy_max_delay"] = func(t *workflow.TimeTrigger, v *document.Value) { t.FuzzyMaxDelay = delay(v) }
	return &document.Shape[workflow.TimeTrigger]{What: what, Required: []string{required}, Fields: fields}
}

func timezone(v *document.Value) string {
	name := v.Str()
	if v.Kind != document.String {
		return name
	}
	if _, err := time.LoadLocation(name); err != nil || name == "" || name == "Local" {
		v.Fault("%s is no time zone; want one such as UTC or America/Los_Angeles", document.Quoted(name))
	}
	return name
}

// delay reads a duration whose plain numbers count milliseconds.
func delay(v *document.Value) *workflow.ParsableLong {
	return parsable(v, func(text string) {
		if _, err := workflow.ParseDelay(text); err != nil {
			v.Fault("found %s: %s", document.Quoted(text), workflow.TextOf(err))
		}
	})
}

// cron reads a cron text in either notation.
func cron(v *document.Value) string {
	text := v.Str()
	if v.Kind != document.String {
		return text
	}
	if problem := schedule.CheckCron(text); problem != "" {
		v.Fault("found %s, which cannot be used as cron: %s", document.Quoted(text), problem)
	}
	return text
}

// interval reads how far apart executions are: seconds, or a text with units.
func interval(v *document.Value) any {
	duration(v, schedule.MinInterval, maxTimeout)
	return v.Any()
}

// start reads when an interval trigger begins: epoch milliseconds, or a date with a time and a zone.
func start(v *document.Value) any {
	switch {
	case v.Kind == document.Number:
		v.Int(0, maxTime)
	case v.Kind != document.String:
		v.Fault("found %s, want epoch milliseconds or a time such as 2026-03-26T16:00:00Z", v.Describe())
	default:
		if err := schedule.CheckStart(v.Text); err != nil {
			v.Fault("found %s: %s", document.Quoted(v.Text), workflow.TextOf(err))
		}
	}
	return v.Any()
}
