package signal

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Instance is one signal as it was announced.
type Instance struct {
	Name        string                             `json:"name"`
	Seq         int64                              `json:"seq_id,omitempty"` // 1, 2, … for each name, without gaps
	Identity    string                             `json:"instance_id"`      // announced again it is the same signal
	Params      Params                             `json:"params,omitempty"`
	Payload     *workflow.Ordered[json.RawMessage] `json:"payload,omitzero"`
	Source      *workflow.AttemptKey               `json:"source,omitempty"` // the step that announced it
	RequestTime int64                              `json:"request_time,omitempty"`
	CreateTime  int64                              `json:"create_time"`
}

// Check returns CodeInvalid for a signal that is over a limit.
func (i *Instance) Check() error {
	if err := CheckName(i.Name); err != nil {
		return err
	}
	if i.Identity == "" || len(i.Identity) > workflow.MaxNameLength {
		return workflow.Errorf(workflow.CodeInvalid, "the request id of a signal has 1 to %d bytes", workflow.MaxNameLength)
	}
	if err := i.Params.Check(); err != nil {
		return err
	}
	text, err := json.Marshal(i)
	if err != nil {
		return workflow.Errorf(workflow.CodeInvalid, "the payload of a signal cannot be written")
	}
	if len(text) > MaxBytes {
		return workflow.Errorf(workflow.CodeInvalid, "a signal has at most %d bytes, not %d", MaxBytes, len(text))
	}
	return nil
}

// Content is the text that two signals share only when name and params are the same.
func Content(name string, params Params) string {
	var out strings.Builder
	add := func(text string) {
		quoted, _ := json.Marshal(text) // a string always marshals
		out.Write(quoted)
	}
	add(name)
	for _, key := range slices.Sorted(maps.Keys(params)) {
		add(key)
		add(Encode(params[key]))
	}
	return out.String()
}
