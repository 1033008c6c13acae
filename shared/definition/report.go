package definition

import (
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Signal is the body that announces a signal.
type Signal struct {
	Name        string
	Params      *workflow.Ordered[any] // string or int64
	RequestID   string
	RequestTime int64                  // 0 is now
	Payload     *workflow.Ordered[any] // every other key
}

// Output is what a job reports about itself.
type Output struct {
	Params    *workflow.Params
	Artifacts *workflow.Ordered[any]
	Extras    *workflow.Ordered[any]
}

// TagPermit limits how many steps with a tag may run. The tag may be one that the engine made.
type TagPermit struct {
	Tag    string
	Max    int64
	Extras *workflow.Ordered[any]
}

// ParseSignal reads an announcement. It returns CodeInvalid with all faults.
func ParseSignal(text []byte) (*Signal, error) { return parse(text, JSON, shaped(signalShape)) }

// ParseOutput reads output data. It returns CodeInvalid with all faults.
func ParseOutput(text []byte) (*Output, error) {
	if len(text) > workflow.MaxReportBytes {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the report has %d bytes, the limit is %d", len(text), workflow.MaxReportBytes)
	}
	root, err := document.ParseJSON(text)
	if err != nil {
		return nil, err
	}
	return bound(root, shaped(reportShape))
}

// ParseTagPermit reads a tag permit. It returns CodeInvalid with all faults.
func ParseTagPermit(text []byte) (*TagPermit, error) { return parse(text, JSON, shaped(permitShape)) }

var signalShape = &document.Shape[Signal]{
	What:     "a signal",
	Required: []string{"name"},
	Fields: map[string]func(*Signal, *document.Value){
		"name":         func(s *Signal, v *document.Value) { s.Name = filledName(v) },
		"params":       func(s *Signal, v *document.Value) { s.Params = signalValues(v) },
		"request_id":   func(s *Signal, v *document.Value) { s.RequestID = requestID(v) },
		"request_time": func(s *Signal, v *document.Value) { s.RequestTime = v.Int(0, maxTime) },
	},
	Extra: func(s *Signal, key string, v *document.Value) { s.Payload = put(s.Payload, key, v) },
}

func signalValues(v *document.Value) *workflow.Ordered[any] {
	out := &workflow.Ordered[any]{}
	for field, item := range v.Map() {
		out.Set(field.Key, signalValue(item))
	}
	return orNil(out)
}

var reportShape = &document.Shape[Output]{
	What: "output data",
	Fields: map[string]func(*Output, *document.Value){
		"params":    func(o *Output, v *document.Value) { o.Params = orNil(params(v, outputParam)) },
		"artifacts": func(o *Output, v *document.Value) { o.Artifacts = bag(v) },
	},
	Extra: func(o *Output, key string, v *document.Value) { o.Extras = put(o.Extras, key, v) },
}

var permitShape = &document.Shape[TagPermit]{
	What:     "a tag permit",
	Required: []string{"tag", "max_allowed"},
	Fields: map[string]func(*TagPermit, *document.Value){
		"tag":         func(p *TagPermit, v *document.Value) { p.Tag = filledName(v) },
		"max_allowed": func(p *TagPermit, v *document.Value) { p.Max = v.Int(0, maxCount) },
	},
	Extra: func(p *TagPermit, key string, v *document.Value) { p.Extras = put(p.Extras, key, v) },
}
