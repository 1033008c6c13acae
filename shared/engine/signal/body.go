package signal

import (
	"encoding/json"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Of makes the signal that a body announces.
func Of(body *definition.Signal) *signal.Instance {
	in := &signal.Instance{Name: body.Name, Identity: body.RequestID, RequestTime: body.RequestTime}
	for key, value := range body.Params.All() {
		if in.Params == nil {
			in.Params = signal.Params{}
		}
		in.Params[key] = value
	}
	for key, value := range body.Payload.All() {
		if in.Payload == nil {
			in.Payload = &workflow.Ordered[json.RawMessage]{}
		}
		in.Payload.Set(key, record.Encode(value))
	}
	return in
}
