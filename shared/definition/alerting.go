package definition

import (
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

func readAlerting(v *document.Value) *workflow.Alerting {
	var alerting workflow.Alerting
	alertingShape.Read(v, &alerting)
	return &alerting
}

var alertingShape = &document.Shape[workflow.Alerting]{
	What: "alerting",
	Fields: map[string]func(*workflow.Alerting, *document.Value){
		"emails":      func(a *workflow.Alerting, v *document.Value) { a.Emails = v.Strings() },
		"pagerduties": func(a *workflow.Alerting, v *document.Value) { a.Pagerduties = v.Strings() },
		"slack":       func(a *workflow.Alerting, v *document.Value) { a.Slack = slack(v) },
		"bypass_digest_config": func(a *workflow.Alerting, v *document.Value) {
			a.BypassDigestConfig = &workflow.BypassDigest{}
			bypassShape.Read(v, a.BypassDigestConfig)
		},
		"pagerduty_config": func(a *workflow.Alerting, v *document.Value) {
			a.PagerdutyConfig = &workflow.PagerdutyConfig{}
			pagerdutyShape.Read(v, a.PagerdutyConfig)
		},
		"tct":          func(a *workflow.Alerting, v *document.Value) { a.TCT = tct(v) },
		"type_configs": func(a *workflow.Alerting, v *document.Value) { a.TypeConfigs = alertTypes(v) },
	},
}

func slack(v *document.Value) *workflow.SlackAlert {
	var alert workflow.SlackAlert
	slackShape.Read(v, &alert)
	return &alert
}

var slackShape = &document.Shape[workflow.SlackAlert]{
	What: "slack",
	Fields: map[string]func(*workflow.SlackAlert, *document.Value){
		"users":         func(s *workflow.SlackAlert, v *document.Value) { s.Users = v.Strings() },
		"channels":      func(s *workflow.SlackAlert, v *document.Value) { s.Channels = v.Strings() },
		"mention_users": func(s *workflow.SlackAlert, v *document.Value) { s.MentionUsers = v.Strings() },
	},
}

var bypassShape = &document.Shape[workflow.BypassDigest]{
	What: "bypass_digest_config",
	Fields: map[string]func(*workflow.BypassDigest, *document.Value){
		"workflow": func(b *workflow.BypassDigest, v *document.Value) { b.Workflow = v.Flag() },
		"steps":    func(b *workflow.BypassDigest, v *document.Value) { b.Steps = v.Strings() },
	},
}

var pagerdutyShape = &document.Shape[workflow.PagerdutyConfig]{
	What: "pagerduty_config",
	Fields: map[string]func(*workflow.PagerdutyConfig, *document.Value){
		"severity": func(p *workflow.PagerdutyConfig, v *document.Value) {
			p.Severity = v.Enum("CRITICAL", "ERROR", "WARNING", "INFO")
		},
		"always_page": func(p *workflow.PagerdutyConfig, v *document.Value) { p.AlwaysPage = v.Flag() },
	},
}

// tct reads the target completion time, which has exactly one of three forms.
func tct(v *document.Value) *workflow.TCT {
	var target workflow.TCT
	if !tctShape.Read(v, &target) {
		return &target
	}
	forms := 0
	for _, form := range []*int64{target.CompletedByHour, target.CompletedByTS, target.DurationMinutes} {
		if form != nil {
			forms++
		}
	}
	if forms != 1 {
		v.Fault("found %d of the fields completed_by_hour, completed_by_ts, duration_minutes, want exactly one", forms)
	}
	return &target
}

const maxMinutes = 120 * 24 * 60

var tctShape = &document.Shape[workflow.TCT]{
	What: "tct",
	Fields: map[string]func(*workflow.TCT, *document.Value){
		"completed_by_hour": func(t *workflow.TCT, v *document.Value) { t.CompletedByHour = number(v, 0, maxMinutes/60) },
		"completed_by_ts":   func(t *workflow.TCT, v *document.Value) { t.CompletedByTS = number(v, 0, maxTime) },
		"duration_minutes":  func(t *workflow.TCT, v *document.Value) { t.DurationMinutes = number(v, 1, maxMinutes) },
		"tz":                func(t *workflow.TCT, v *document.Value) { t.TZ = timezone(v) },
	},
}

func number(v *document.Value, low, high int64) *int64 { n := v.Int(low, high); return &n }

var alertTypeNames = []string{"STEP_FAILURE", "TCT_VIOLATION", "LONG_RUNNING", "DEPENDENCY_LATE", "BREAKPOINT_HIT",
	"DEFINITION_CHANGE", "RUN_SUCCESS", "SUCCESS_WITHIN"}

func alertTypes(v *document.Value) *workflow.Ordered[*workflow.AlertType] {
	out := &workflow.Ordered[*workflow.AlertType]{}
	for field, item := range v.Map() {
		key := &document.Value{Path: item.Path, Faults: item.Faults,
			Node: &document.Node{Kind: document.String, Text: field.Key, Position: field.Position}}
		var alert workflow.AlertType
		alertTypeShape.Read(item, &alert)
		if name := key.Enum(alertTypeNames...); name != "" {
			out.Set(name, &alert)
		}
	}
	return orNil(out)
}

var alertTypeShape = &document.Shape[workflow.AlertType]{
	What: "an alert type",
	Fields: map[string]func(*workflow.AlertType, *document.Value){
		"emails":      func(a *workflow.AlertType, v *document.Value) { a.Emails = v.Strings() },
		"pagerduties": func(a *workflow.AlertType, v *document.Value) { a.Pagerduties = v.Strings() },
		"slack":       func(a *workflow.AlertType, v *document.Value) { a.Slack = slack(v) },
		"actions": func(a *workflow.AlertType, v *document.Value) {
			for _, item := range v.List() {
				a.Actions = append(a.Actions, item.Enum("email", "page", "slack", "cancel"))
			}
		},
		"disabled":    func(a *workflow.AlertType, v *document.Value) { a.Disabled = v.Flag() },
		"granularity": func(a *workflow.AlertType, v *document.Value) { a.Granularity = v.Enum("WORKFLOW", "STEP", "ALL") },
		"duration_minutes": func(a *workflow.AlertType, v *document.Value) {
			a.DurationMinutes = number(v, 1, maxMinutes)
		},
	},
}
