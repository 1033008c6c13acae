package definition

import (
	"encoding/json"
	"path"

	"github.com/segue-workflows/segue/shared/definition/dsl"
	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Format is how a text is written.
type Format int

// The formats. YAML is either the JSON shape written as YAML or Maestro's YAML language; the document's root tells.
const (
	JSON Format = iota
	YAML
)

// FormatOf returns the format that the name of a file or a content type announces.
func FormatOf(name string) Format {
	switch path.Ext(name) {
	case ".yaml", ".yml":
		return YAML
	}
	switch name {
	case "application/yaml", "application/x-yaml", "text/yaml", "text/x-yaml":
		return YAML
	}
	return JSON
}

// Source is the document that a noun was read from; it knows where everything stands.
type Source struct{ root *document.Node }

// Locate returns the place of a path. It returns the zero position when s is nil.
func (s *Source) Locate(at *document.Path) document.Position {
	if s == nil {
		return document.Position{}
	}
	return s.root.Locate(at)
}

// ParseRequest reads what a user pushes. It returns CodeInvalid with all faults.
func ParseRequest(text []byte, format Format) (*workflow.Request, error) {
	request, _, err := ReadRequest(text, format, nil)
	return request, err
}

// ReadRequest is ParseRequest for callers that know the job templates, or that go on to report faults themselves and
// need places for them. Templates may be nil. It returns CodeInvalid with all faults.
func ReadRequest(text []byte, format Format, templates dsl.Templates) (*workflow.Request, *Source, error) {
	root, err := open(text, format)
	if err != nil {
		return nil, nil, err
	}
	faults := &document.Faults{}
	if format == YAML && dsl.Is(root) {
		root = dsl.Translate(root, templates, faults)
	}
	request := readRequest(document.Root(root, faults))
	if err := faults.Err(); err != nil {
		return nil, nil, err
	}
	if err := checkSize(request); err != nil {
		return nil, nil, err
	}
	return request, &Source{root}, nil
}

// checkSize makes sure that what is stored can be read back: defaults and escapes may make it longer than the text.
func checkSize(request *workflow.Request) error {
	stored, err := json.Marshal(request)
	if err != nil {
		return workflow.Wrap("marshal request", err)
	}
	if len(stored) > workflow.MaxRequestBytes {
		return tooLarge(len(stored))
	}
	return nil
}

func tooLarge(size int) error {
	return workflow.Errorf(workflow.CodeInvalid, "the body has %d bytes, the limit is %d", size, workflow.MaxRequestBytes)
}

// Checked is what a dry run tells of a definition that it accepts.
type Checked struct {
	Workflow    workflow.ID
	Steps       int // through all loop bodies
	Expressions int // that remain to be compiled
}

// Validate reads a request and counts what is in it. It returns CodeInvalid with all faults.
func Validate(text []byte, format Format) (Checked, error) {
	request, err := ParseRequest(text, format)
	if err != nil {
		return Checked{}, err
	}
	return Checked{request.Workflow.ID, allSteps(request.Workflow.Steps), len(Expressions(request, nil))}, nil
}

func allSteps(steps []*workflow.Step) int {
	count := len(steps)
	for _, step := range steps {
		count += allSteps(step.Steps)
	}
	return count
}

// ParseWorkflow reads a workflow body alone, as stored versions hold it. It returns CodeInvalid with all faults.
func ParseWorkflow(text []byte, format Format) (*workflow.Workflow, error) {
	return parse(text, format, readWorkflow)
}

// ParseProperties reads the properties part of a push. It returns CodeInvalid with all faults.
func ParseProperties(text []byte, format Format) (*workflow.Properties, error) {
	return parse(text, format, shaped(propertiesShape))
}

// ParsePropertiesUpdate reads the body of the properties endpoint. It returns CodeInvalid with all faults.
func ParsePropertiesUpdate(text []byte, format Format) (*workflow.PropertiesUpdate, error) {
	return parse(text, format, readUpdate)
}

// parse reads a text into a noun, and returns all that is wrong with it instead when anything is.
func parse[T any](text []byte, format Format, bind func(*document.Value) *T) (*T, error) {
	root, err := open(text, format)
	if err != nil {
		return nil, err
	}
	return bound(root, bind)
}

// bound reads a noun from a document.
func bound[T any](root *document.Node, bind func(*document.Value) *T) (*T, error) {
	faults := &document.Faults{}
	noun := bind(document.Root(root, faults))
	if err := faults.Err(); err != nil {
		return nil, err
	}
	return noun, nil
}

// shaped returns a reader of the shape.
func shaped[T any](shape *document.Shape[T]) func(*document.Value) *T {
	return func(v *document.Value) *T {
		noun := new(T)
		shape.Read(v, noun)
		return noun
	}
}

func open(text []byte, format Format) (*document.Node, error) {
	if len(text) > workflow.MaxRequestBytes {
		return nil, tooLarge(len(text))
	}
	if format == YAML {
		return document.ParseYAML(text)
	}
	return document.ParseJSON(text)
}
