package event

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Types of events.
const (
	StepStatus   = "STEP_INSTANCE_STATUS_CHANGE_EVENT"
	Status       = "WORKFLOW_INSTANCE_STATUS_CHANGE_EVENT"
	Definition   = "WORKFLOW_DEFINITION_CHANGE_EVENT"
	Version      = "WORKFLOW_VERSION_CHANGE_EVENT" // a definition, without a change of the properties
	Properties   = "WORKFLOW_PROPERTIES_CHANGE_EVENT"
	Activation   = "WORKFLOW_ACTIVATION_CHANGE_EVENT"
	Deactivation = "WORKFLOW_DEACTIVATION_CHANGE_EVENT"
	Deletion     = "WORKFLOW_DELETION_CHANGE_EVENT"
)

// Event is one event; the type says which fields it has.
type Event struct {
	Type      string      `json:"type"`
	Workflow  workflow.ID `json:"workflow_id"`
	Cluster   string      `json:"cluster_name"`
	Sequence  int64       `json:"sequence"` // grows within the entity
	EventTime int64       `json:"event_time,omitempty"`
	SyncTime  int64       `json:"sync_time"`
	SendTime  int64       `json:"send_time"`

	// Of runs and steps.
	Instance    int64           `json:"workflow_instance_id,omitempty"`
	Run         int64           `json:"workflow_run_id,omitempty"`
	UUID        string          `json:"workflow_uuid,omitempty"`
	Correlation string          `json:"correlation_id,omitempty"`
	Name        string          `json:"workflow_name,omitempty"`
	Depth       *int            `json:"depth,omitempty"` // of a run
	Tags        []workflow.Tag  `json:"tags,omitempty"`
	Old         string          `json:"old_status,omitempty"`
	New         string          `json:"new_status,omitempty"`
	Step        workflow.StepID `json:"step_id,omitempty"`
	Attempt     int64           `json:"step_attempt_id,omitempty"`
	StepNumber  int64           `json:"step_instance_id,omitempty"`
	StepUUID    string          `json:"step_uuid,omitempty"`
	Changes     []Change        `json:"status_change_records,omitempty"`

	// Of workflows.
	Author   string `json:"author,omitempty"`
	Version  int64  `json:"version_id,omitempty"`
	Snapshot int64  `json:"snapshot_id,omitempty"`
	Active   *int64 `json:"current_active_version_id,omitempty"`
	Previous *int64 `json:"previous_active_version_id,omitempty"`
	Internal int64  `json:"internal_id,omitempty"`
}

// Change is one of the status changes that a step event bundles.
type Change struct {
	Old string `json:"old_status"`
	New string `json:"new_status"`
	At  int64  `json:"event_time"`
}

// Entity names what the event is about: events of one entity are in order.
func (e *Event) Entity() string {
	switch {
	case e.Step != "":
		return fmt.Sprintf("%s:%d:%d:%s:%d", e.Workflow, e.Instance, e.Run, e.Step, e.Attempt)
	case e.Instance != 0:
		return fmt.Sprintf("%s:%d:%d", e.Workflow, e.Instance, e.Run)
	}
	return e.Workflow
}

// ID names the event: a second delivery of it has the same.
func (e *Event) ID() string { return fmt.Sprintf("%s/%d/%s", e.Entity(), e.Sequence, e.Type) }

// Publisher takes events, in order. What it has taken without an error is delivered; after an error all of them come
// again, except those that an *Undelivered says it took.
type Publisher interface {
	Publish(ctx context.Context, events []*Event) error
}

// Undelivered is the error of a publisher that took the first events and no more.
type Undelivered struct {
	Taken   int  // so many of the first events are delivered
	Refused bool // the next one will never be taken: trying again is of no use
	Cause   error
}

// Error says why the next event was not taken.
func (u *Undelivered) Error() string { return u.Cause.Error() }

// Unwrap returns the cause.
func (u *Undelivered) Unwrap() error { return u.Cause }

// CloudEvent is the envelope of the CloudEvents standard, version 1.0, around an event.
type CloudEvent struct {
	SpecVersion string `json:"specversion"`
	ID          string `json:"id"`
	Source      string `json:"source"`
	Type        string `json:"type"`
	Subject     string `json:"subject"`
	Time        string `json:"time"`
	ContentType string `json:"datacontenttype"`
	Data        *Event `json:"data"`
}

// Envelope puts an event into the envelope of CloudEvents.
func Envelope(e *Event) *CloudEvent {
	return &CloudEvent{SpecVersion: "1.0", ID: e.ID(), Source: "segue/" + e.Cluster, Type: "segue." + e.Type, Subject: e.Entity(),
		Time: time.UnixMilli(e.EventTime).UTC().Format(time.RFC3339Nano), ContentType: "application/json", Data: e}
}

// Encode writes an event, in the envelope of CloudEvents if that is asked for.
func Encode(e *Event, cloud bool) ([]byte, error) {
	if cloud {
		return json.Marshal(Envelope(e))
	}
	return json.Marshal(e)
}
