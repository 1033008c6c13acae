package definition

import (
	"path"

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
	request, _, err := ReadRequest(text, format)
	return request, err
}

// ReadRequest is ParseRequest for callers that go on to report faults themselves and need places for them.
func ReadRequest(text []byte, format Format) (*workflow.Request, *Source, error) {
	var request *workflow.Request
	source, err := read(text, format, func(v *document.Value) { request = readRequest(v) })
	return request, source, err
}

// ParseWorkflow reads a workflow body alone, as stored versions hold it. It returns CodeInvalid with all faults.
func ParseWorkflow(text []byte, format Format) (*workflow.Workflow, error) {
	var w *workflow.Workflow
	_, err := read(text, format, func(v *document.Value) { w = readWorkflow(v) })
	return w, err
}

// ParseProperties reads the properties part of a push. It returns CodeInvalid with all faults.
func ParseProperties(text []byte, format Format) (*workflow.Properties, error) {
	var properties workflow.Properties
	_, err := read(text, format, func(v *document.Value) { propertiesShape.Read(v, &properties) })
	return &properties, err
}

// ParsePropertiesUpdate reads the body of the properties endpoint. It returns CodeInvalid with all faults.
func ParsePropertiesUpdate(text []byte, format Format) (*workflow.PropertiesUpdate, error) {
	var update workflow.PropertiesUpdate
	_, err := read(text, format, func(v *document.Value) { readUpdate(v, &update) })
	return &update, err
}

// read parses the text, lets bind turn it into a noun, and returns what either found wrong.
func read(text []byte, format Format, bind func(*document.Value)) (*Source, error) {
	root, err := open(text, format)
	if err != nil {
		return nil, err
	}
	faults := &document.Faults{}
	if format == YAML {
		root = translate(root, faults)
	}
	bind(document.Root(root, faults))
	return &Source{root}, faults.Err()
}

func open(text []byte, format Format) (*document.Node, error) {
	if len(text) > workflow.MaxRequestBytes {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the body has %d bytes, the limit is %d", len(text), workflow.MaxRequestBytes)
	}
	if format == YAML {
		return document.ParseYAML(text)
	}
	return document.ParseJSON(text)
}

func translate(root *document.Node, _ *document.Faults) *document.Node { return root }
