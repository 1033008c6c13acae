package definition

import (
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Failure is the body with which a job reports that it failed.
type Failure struct {
	Kind      string // USER (the default), PLATFORM or FATAL
	Message   string // for the attempt's timeline
	Artifacts *workflow.Ordered[any]
}

// ParseFailure reads the report of a failure. It returns CodeInvalid with all faults.
func ParseFailure(text []byte) (*Failure, error) {
	return parse(text, JSON, func(v *document.Value) *Failure {
		failure := &Failure{Kind: "USER"}
		failureShape.Read(v, failure)
		return failure
	})
}

var failureShape = &document.Shape[Failure]{
	What: "a failure",
	Fields: map[string]func(*Failure, *document.Value){
		"kind":      func(f *Failure, v *document.Value) { f.Kind = v.Enum("USER", "PLATFORM", "FATAL") },
		"message":   func(f *Failure, v *document.Value) { f.Message = longText(v) },
		"artifacts": func(f *Failure, v *document.Value) { f.Artifacts = bag(v) },
	},
}
