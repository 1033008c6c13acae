package workflow

import "reflect"

// Timeline event types.
const (
	EventLog       = "LOG"
	EventDetails   = "DETAILS"
	EventStatus    = "STATUS"
	EventAction    = "ACTION"
	EventMilestone = "MILESTONE"
)

// Event is one line of a timeline, for people.
type Event struct {
	Timestamp int64    `json:"timestamp"`
	Type      string   `json:"type"`
	Level     string   `json:"level,omitempty"` // LOG: TRACE, DEBUG, INFO, WARN, ERROR
	Status    string   `json:"status,omitempty"`
	Message   string   `json:"message,omitempty"`
	Errors    []string `json:"errors,omitempty"`
	Retryable bool     `json:"retryable,omitempty"`
	Action    string   `json:"action,omitempty"`
	Author    *User    `json:"author,omitempty"`
	Reason    string   `json:"reason,omitempty"`
	Info      any      `json:"info,omitempty"`
	Milestone string   `json:"milestone_type,omitempty"`
	SourceID  string   `json:"source_id,omitempty"`
}

// TimelineLimit is how many events an entity keeps; the oldest go first.
const TimelineLimit = 32

// LogEvent returns a LOG event of level INFO.
func LogEvent(now int64, message string) Event {
	return Event{Timestamp: now, Type: EventLog, Level: "INFO", Message: message}
}

// DetailsEvent returns a DETAILS event that tells an error's code and text, never a payload.
func DetailsEvent(now int64, err error, retryable bool) Event {
	return Event{Timestamp: now, Type: EventDetails, Status: WireCode(CodeOf(err)), Message: TextOf(err),
		Errors: DetailOf(err), Retryable: retryable}
}

// Timeline is the newest events of an entity, oldest first.
type Timeline []Event

// Add appends e unless it equals the latest event but for its time, and drops the oldest above the limit.
func (t Timeline) Add(e Event) Timeline {
	if n := len(t); n > 0 {
		last := t[n-1]
		last.Timestamp = e.Timestamp
		if reflect.DeepEqual(last, e) {
			return t
		}
	}
	t = append(t, e)
	if len(t) > TimelineLimit {
		t = append(Timeline(nil), t[len(t)-TimelineLimit:]...)
	}
	return t
}

// WireCode returns the name that the REST API gives a code.
func WireCode(code Code) string {
	switch code {
	case CodeInvalid:
		return "BAD_REQUEST"
	case CodeNotFound:
		return "NOT_FOUND"
	case CodeConflict, CodeStale:
		return "CONFLICT"
	case CodeDenied:
		return "FORBIDDEN"
	case CodePrecondition:
		return "PRECONDITION_FAILED"
	case CodeUnprocessed:
		return "UNPROCESSABLE_ENTITY"
	case CodeTimeout:
		return "REQUEST_TIMEOUT"
	case CodeOverloaded:
		return "TOO_MANY_REQUESTS"
	case CodeUnavailable:
		return "SERVICE_UNAVAILABLE"
	}
	return "INTERNAL_ERROR"
}
