package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"testing"

	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/assertions"
	"github.com/aws/jsii-runtime-go"

	"github.com/segue-workflows/segue/shared/wire"
)

// The stacks under test, synthesized once: that takes seconds, and CDK's process serves one caller at a time.
var (
	standard template // without any choice
	guarded  template // a stage named prod, everything observed, callers with tokens
	bare     template // nothing observed
)

// template is what CDK makes of a stack.
type template struct {
	Resources map[string]resource
	Outputs   map[string]any
	text      []byte
}

type resource struct {
	Type           string
	Properties     map[string]any
	Metadata       map[string]any
	DependsOn      any
	DeletionPolicy string
}

func TestMain(m *testing.M) {
	os.Exit(func() int {
		defer jsii.Close()
		dir, err := os.MkdirTemp("", "segue-infra-")
		if err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		defer func() { _ = os.RemoveAll(dir) }()
		if err := synthesize(dir); err != nil {
			fmt.Fprintln(os.Stderr, err)
			return 1
		}
		return m.Run()
	}())
}

func synthesize(dir string) error {
	programs := filepath.Join(dir, "programs")
	for _, name := range wire.Functions {
		if err := os.MkdirAll(filepath.Join(programs, name), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(filepath.Join(programs, name, "bootstrap"), []byte("a stub: "+name), 0o755); err != nil {
			return err
		}
	}
	agent := filepath.Join(programs, wire.AgentLayer, "extensions")
	if err := errorOf(os.MkdirAll(agent, 0o755), os.WriteFile(filepath.Join(agent, wire.AgentProgram), []byte("a stub"), 0o755)); err != nil {
		return err
	}
	context, err := contextOfProject()
	if err != nil {
		return err
	}
	app := cdk.NewApp(&cdk.AppProps{Context: &context, Outdir: text(filepath.Join(dir, "out")), AnalyticsReporting: jsii.Bool(false)})
	made := func(choices map[string]any) cdk.Stack {
		choices["programs"] = programs
		o, refused := optionsOf(func(name string) any { return choices[name] })
		err = errorOf(err, refused)
		return newSegue(app, o).stack
	}
	stacks := []cdk.Stack{
		made(map[string]any{}),
		made(map[string]any{"stage": "prod", "observability": "full", "alarmEmail": "people@example.com",
			"jwtIssuer": "https://issuer.example.com", "jwtAudience": "segue", "callerClaim": "email", "tracing": "true", "secrets": `{"alice": ["db/prod"]}`,
			"httpAllow": "api.example.com", "functions": "mail:live, arn:aws:lambda:eu-west-1:123456789012:function:pay",
			"containers": chosenContainers,
			"eventTopic": "fifo", "eventEnvelope": "cloudevents",
			"workerQueues": "emails,arn:aws:sqs:eu-west-1:123456789012:letters"}),
		made(map[string]any{"stage": "bare", "observability": "none", "eventTopic": "none"}),
	}
	if err != nil {
		return err
	}
	for i, out := range []*template{&standard, &guarded, &bare} {
		if err := out.read(assertions.Template_FromStack(stacks[i], nil).ToJSON()); err != nil {
			return err
		}
	}
	return nil
}

// contextOfProject is the context of cdk.json, without which tests and deployment would differ.
func contextOfProject() (map[string]any, error) {
	data, err := os.ReadFile(filepath.Join("..", "cdk.json"))
	if err != nil {
		return nil, err
	}
	var project struct{ Context map[string]any }
	return project.Context, json.Unmarshal(data, &project)
}

func (t *template) read(document *map[string]any) error {
	var err error
	if t.text, err = json.MarshalIndent(document, "", " "); err != nil {
		return err
	}
	t.text = append(t.text, '\n')
	return json.Unmarshal(t.text, t)
}

func errorOf(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// named is a resource with its logical id.
type named struct {
	id string
	resource
}

// all lists the resources of a type, and fails the test when there are none.
func (tm template) all(t *testing.T, kind string) []named {
	t.Helper()
	var found []named
	for _, id := range slices.Sorted(maps.Keys(tm.Resources)) {
		if tm.Resources[id].Type == kind {
			found = append(found, named{id, tm.Resources[id]})
		}
	}
	if len(found) == 0 {
		t.Fatalf("the stack has no %s", kind)
	}
	return found
}

// at follows keys into a property; nil where there is nothing.
func at(value any, keys ...string) any {
	for _, key := range keys {
		object, ok := value.(map[string]any)
		if !ok {
			return nil
		}
		value = object[key]
	}
	return value
}

// target returns the logical id that a Ref or a Fn::GetAtt points at.
func target(value any) string {
	if id, ok := at(value, "Ref").(string); ok {
		return id
	}
	if parts, ok := at(value, "Fn::GetAtt").([]any); ok && len(parts) > 0 {
		return fmt.Sprint(parts[0])
	}
	return ""
}

// function returns the function of a name.
func (tm template) function(t *testing.T, name string) named {
	t.Helper()
	for _, f := range tm.all(t, "AWS::Lambda::Function") {
		if f.Metadata["go"] == "functions/"+name {
			return f
		}
	}
	t.Fatalf("the stack has no function %s", name)
	return named{}
}

// list returns a value that may stand alone or in a list as a list.
func listOf(value any) []any {
	if many, ok := value.([]any); ok {
		return many
	}
	return []any{value}
}
