package param

import (
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// The built-in params follow from RUN_TS by expressions, and not by code, so that a user who sets one at
// start (a backfill sets TARGET_RUN_DATE) moves all that depend on it.
const (
	day  = "yyyyMMdd"
	hour = "HH"

	zoneUTC     = `"UTC"`
	zonePacific = `"America/Los_Angeles"`
	zoneCron    = "WORKFLOW_CRON_TIMEZONE"
)

type derived struct{ name, moment, pattern, zone string }

var derivedFromTarget = []derived{
	{"DERIVED_RUN_DATE_US_PACIFIC", "DERIVED_RUN_TS", day, zonePacific},
	{"DERIVED_RUN_DATE_US_PACIFIC_MINUS_ONE", `addDays(DERIVED_RUN_TS, -1, ` + zonePacific + `)`, day, zonePacific},
	{"DERIVED_RUN_DATE_UTC", "DERIVED_RUN_TS", day, zoneUTC},
	{"DERIVED_RUN_DATE_UTC_MINUS_ONE", `addDays(DERIVED_RUN_TS, -1, ` + zoneUTC + `)`, day, zoneUTC},
	{"DERIVED_RUN_DATE_UTC_PLUS_ONE", `addDays(DERIVED_RUN_TS, 1, ` + zoneUTC + `)`, day, zoneUTC},
	{"DERIVED_RUN_DATE_UTC_MINUS_ONE_HOUR", "DERIVED_RUN_TS - 3600000", day, zoneUTC},
	{"DERIVED_RUN_DATE_UTC_PLUS_ONE_HOUR", "DERIVED_RUN_TS + 3600000", day, zoneUTC},
	{"DERIVED_RUN_HOUR_US_PACIFIC", "DERIVED_RUN_TS", hour, zonePacific},
	{"DERIVED_RUN_HOUR_UTC", "DERIVED_RUN_TS", hour, zoneUTC},
	{"DERIVED_RUN_HOUR_UTC_MINUS_ONE_HOUR", "DERIVED_RUN_TS - 3600000", hour, zoneUTC},
	{"DERIVED_RUN_HOUR_UTC_PLUS_ONE_HOUR", "DERIVED_RUN_TS + 3600000", hour, zoneUTC},
	{"LOCAL_RUN_DATE", "RUN_TS", day, zoneCron},
	{"RUN_DATE", "RUN_TS", day, zoneUTC},
	{"RUN_DATE_MINUS_1", `addDays(RUN_TS, -1, ` + zoneUTC + `)`, day, zoneUTC},
	{"RUN_DATE_MINUS_7", `addDays(RUN_TS, -7, ` + zoneUTC + `)`, day, zoneUTC},
}

func (d derived) expression() string {
	return `formatTime(` + d.moment + `, "` + d.pattern + `", ` + d.zone + `)`
}

// workflowBuiltins are the params that every workflow has.
func workflowBuiltins(in WorkflowInput) *workflow.Params {
	out := &workflow.Params{}
	start := func(name string, p *workflow.Param) {
		p.Mode, p.Source = workflow.MutableOnStart, workflow.SourceSystemDefault
		out.Set(name, p)
	}
	start("DSL_DEFAULT_TZ", workflow.Literal(firstZone(in.Definition)))
	start("WORKFLOW_CRON_TIMEZONE", cronZone(in.Initiator))
	start("RUN_TS", workflow.Literal(workflow.Millis(runTime(in.Initiator, in.Now))))
	target := derived{moment: "RUN_TS", pattern: day, zone: zoneCron}
	start("TARGET_RUN_DATE", computed(workflow.String, target.expression()))
	target.pattern = hour
	start("TARGET_RUN_HOUR", computed(workflow.String, target.expression()))
	start("DERIVED_RUN_TS", computed(workflow.Long,
		`parseTime(TARGET_RUN_DATE + TARGET_RUN_HOUR, "`+day+hour+`", `+zoneCron+`)`))
	for _, d := range derivedFromTarget {
		start(d.name, computed(workflow.String, d.expression()))
	}
	out.Set("job_template_version", system(&workflow.Param{Type: workflow.String}, workflow.Optional))
	for name, p := range identityOf(in).All() {
		out.Set(name, p)
	}
	return out
}

// identityOf are the params that say whose run it is; nobody may change them.
func identityOf(in WorkflowInput) *workflow.Params {
	out := &workflow.Params{}
	out.Set("owner", system(workflow.Literal(in.Owner), workflow.Reserved))
	out.Set("workflow_id", system(workflow.Literal(in.Definition.ID), workflow.Reserved))
	return out
}

func computed(t workflow.ParamType, text string) *workflow.Param {
	return &workflow.Param{Type: t, HasExpr: true, Expression: text}
}

func system(p *workflow.Param, mode workflow.InternalMode) *workflow.Param {
	p.Source, p.InternalMode = workflow.SourceSystemDefault, mode
	return p
}

func firstZone(definition *workflow.Workflow) string {
	if len(definition.TimeTriggers) > 0 && definition.TimeTriggers[0].Timezone != "" {
		return definition.TimeTriggers[0].Timezone
	}
	return "UTC"
}

func cronZone(initiator *workflow.Initiator) *workflow.Param {
	if initiator != nil && initiator.Type == workflow.InitiatorTime && initiator.Timezone != "" {
		return workflow.Literal(initiator.Timezone)
	}
	return computed(workflow.String, "DSL_DEFAULT_TZ")
}

// runTime is the planned time of a scheduled run, and now for others.
func runTime(initiator *workflow.Initiator, now time.Time) time.Time {
	if initiator != nil && initiator.Type == workflow.InitiatorTime && initiator.TriggerTime != 0 {
		return time.UnixMilli(initiator.TriggerTime)
	}
	return now
}
