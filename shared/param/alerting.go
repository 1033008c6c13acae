package param

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Alerting returns a copy with interpolated emails and a computed target completion time. What fails stays
// as it was, because alerting never stops a run.
func Alerting(ctx context.Context, alerting *workflow.Alerting, scope Scope, now time.Time) *workflow.Alerting {
	if alerting == nil {
		return nil
	}
	out := *alerting
	out.Emails = emails(ctx, alerting.Emails, scope)
	if alerting.TypeConfigs.Len() > 0 {
		out.TypeConfigs = &workflow.Ordered[*workflow.AlertType]{}
		for name, config := range alerting.TypeConfigs.All() {
			filled := *config
			filled.Emails = emails(ctx, config.Emails, scope)
			out.TypeConfigs.Set(name, &filled)
		}
	}
	if alerting.TCT != nil {
		out.TCT = completion(*alerting.TCT, scope.Workflow, now)
	}
	return &out
}

func emails(ctx context.Context, texts []string, scope Scope) []string {
	return each(texts, func(text string) string {
		if filled, err := Text(ctx, text, ofWorkflow(scope)); err == nil {
			return filled
		}
		return text
	})
}

// completion computes the moment by which the run should be done: so many hours into the target day, less
// one second, or so many minutes after its RUN_TS.
func completion(tct workflow.TCT, params *workflow.Params, now time.Time) *workflow.TCT {
	var at int64
	switch {
	case tct.CompletedByTS != nil:
		return &tct
	case tct.CompletedByHour != nil:
		midnight, ok := targetDay(tct.TZ, params)
		if !ok {
			return &tct
		}
		at = workflow.Millis(midnight.Add(time.Duration(*tct.CompletedByHour)*time.Hour - time.Second))
	case tct.DurationMinutes != nil:
		start, ok := result[int64](params, "RUN_TS")
		if !ok {
			start = workflow.Millis(now)
		}
		at = start + *tct.DurationMinutes*time.Minute.Milliseconds()
	default:
		return &tct
	}
	tct.CompletedByTS = &at
	return &tct
}

func targetDay(zone string, params *workflow.Params) (time.Time, bool) {
	if zone == "" {
		zone, _ = result[string](params, "WORKFLOW_CRON_TIMEZONE")
	}
	location, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, false
	}
	date, ok := result[string](params, "TARGET_RUN_DATE")
	if !ok {
		return time.Time{}, false
	}
	midnight, err := time.ParseInLocation("20060102", date, location)
	return midnight, err == nil
}

func result[T any](params *workflow.Params, name string) (T, bool) {
	p, ok := params.Get(name)
	if !ok {
		var none T
		return none, false
	}
	value, ok := p.Result.(T)
	return value, ok
}
