package event

import (
	"reflect"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Types lists the types of events.
var Types = []string{StepStatus, Status, Definition, Version, Properties, Activation, Deactivation, Deletion}

// form is which fields the events of a type have, by their names in JSON: always, and only when there is something to tell.
type form struct{ always, maybe string }

// every field that events of all types have.
const common = "type workflow_id cluster_name sequence event_time sync_time send_time"

var forms = map[string]form{
	StepStatus: {"workflow_instance_id workflow_run_id workflow_uuid correlation_id step_id step_attempt_id step_instance_id step_uuid status_change_records", ""},
	Status: {"workflow_instance_id workflow_run_id workflow_uuid correlation_id workflow_name depth new_status",
		"old_status tags"},
	Definition:   {"author workflow_name version_id snapshot_id current_active_version_id previous_active_version_id", ""},
	Version:      {"author workflow_name version_id current_active_version_id previous_active_version_id", ""},
	Properties:   {"author snapshot_id", ""},
	Activation:   {"author current_active_version_id previous_active_version_id", ""},
	Deactivation: {"author previous_active_version_id", ""},
	Deletion:     {"author internal_id", ""},
}

// about says what is in a field, where its name does not.
var about = map[string]string{
	"sequence":                   "grows within the entity that the event is about; an event that comes again has the same",
	"event_time":                 "when it happened, in epoch milliseconds",
	"sync_time":                  "when it was read from the store, in epoch milliseconds",
	"send_time":                  "when it was sent, in epoch milliseconds",
	"correlation_id":             "shared by a run and all that it started",
	"step_instance_id":           "number of the step in the definition, from 1",
	"depth":                      "how many runs are above this one",
	"tags":                       "of the workflow and of the run",
	"old_status":                 "none with the first status of a run",
	"status_change_records":      "the status changes that were committed together, as they happened",
	"snapshot_id":                "number of the snapshot of the workflow's properties",
	"current_active_version_id":  "0: none is active",
	"previous_active_version_id": "0: none was active",
	"internal_id":                "tells lives of a workflow apart that was deleted and created again",
}

// schema is as much of a JSON Schema as events need.
type schema map[string]any

const dialect = "https://json-schema.org/draft/2020-12/schema"

// Schema returns the JSON Schema (2020-12) of the events of a type, or nil when there is none of that name. Later
// releases may add fields, so it does not forbid others.
func Schema(kind string) any {
	if _, ok := forms[kind]; !ok {
		return nil
	}
	out := ofType(kind)
	out["$schema"] = dialect
	return out
}

// AnySchema returns the JSON Schema of all events: each is of one of the Types.
func AnySchema() any {
	all := make([]schema, len(Types))
	for i, kind := range Types {
		all[i] = ofType(kind)
	}
	return schema{"$schema": dialect, "title": "event of Segue", "oneOf": all}
}

func ofType(kind string) schema {
	required := strings.Fields(common + " " + forms[kind].always)
	fields := schema{}
	for _, name := range append(required, strings.Fields(forms[kind].maybe)...) {
		fields[name] = ofField(kind, name)
	}
	return schema{"title": kind, "type": "object", "required": required, "properties": fields}
}

// ofField returns the schema of a field of the events of a type; its shape is that of the field of Event.
func ofField(kind, name string) schema {
	var out schema
	switch name {
	case "type":
		return schema{"const": kind}
	case "tags": // a tag writes itself, with its attributes beside its name
		out = schema{"type": "array", "items": schema{"type": "object", "required": []string{"name"}, "properties": schema{"name": schema{"type": "string"}}}}
	default:
		out = ofGo(reflect.TypeFor[Event](), name)
	}
	if name == "old_status" || name == "new_status" {
		out["enum"] = workflow.InstanceStatuses
	}
	if text := about[name]; text != "" {
		out["description"] = text
	}
	return out
}

// ofGo returns the schema of the field of a struct that has the name in JSON.
func ofGo(in reflect.Type, name string) schema {
	for i := range in.NumField() {
		if key, _, _ := strings.Cut(in.Field(i).Tag.Get("json"), ","); key == name {
			return ofShape(in.Field(i).Type)
		}
	}
	panic("event: no field has the name " + name)
}

func ofShape(of reflect.Type) schema {
	switch of.Kind() {
	case reflect.String:
		return schema{"type": "string"}
	case reflect.Int, reflect.Int64:
		return schema{"type": "integer", "minimum": 0}
	case reflect.Pointer:
		return ofShape(of.Elem())
	case reflect.Slice: // of status changes
		names, fields := []string{}, schema{}
		for i := range of.Elem().NumField() {
			name := of.Elem().Field(i).Tag.Get("json")
			fields[name] = ofShape(of.Elem().Field(i).Type)
			if strings.HasSuffix(name, "_status") {
				fields[name] = schema{"type": "string", "enum": stepStatuses()}
			}
			names = append(names, name)
		}
		return schema{"type": "array", "minItems": 1, "items": schema{"type": "object", "required": names, "properties": fields}}
	}
	panic("event: no schema for " + of.String())
}

func stepStatuses() []string {
	var out []string
	for _, status := range workflow.StepStatuses() {
		out = append(out, status.String())
	}
	return out
}
