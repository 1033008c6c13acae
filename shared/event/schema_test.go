package event_test

import (
	"context"
	"encoding/json"
	"maps"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"

	"github.com/segue-workflows/segue/shared/event"
)

// document is a value as JSON gives it back.
func document(t testing.TB, value any) map[string]any {
	t.Helper()
	text, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	out, err := jsonschema.UnmarshalJSON(strings.NewReader(string(text)))
	if err != nil {
		t.Fatal(err)
	}
	return out.(map[string]any)
}

func compile(t testing.TB, schema any) *jsonschema.Schema {
	t.Helper()
	compiler := jsonschema.NewCompiler()
	if err := compiler.AddResource("event.json", document(t, schema)); err != nil {
		t.Fatal(err)
	}
	out, err := compiler.Compile("event.json")
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// valid is a publisher that first holds each event against its schema.
type valid struct {
	t testing.TB
	event.Publisher
}

func (v valid) Publish(ctx context.Context, events []*event.Event) error {
	for _, e := range events {
		if err := matches(v.t, e); err != nil {
			v.t.Errorf("%+v: %v", e, err)
		}
	}
	return v.Publisher.Publish(ctx, events)
}

// matches tells whether an event is as its schema and the schema of all events say, and has no field beyond.
func matches(t testing.TB, e *event.Event) error {
	t.Helper()
	schema := event.Schema(e.Type)
	told := document(t, e)
	described := document(t, schema)["properties"].(map[string]any)
	for field := range told {
		if described[field] == nil {
			t.Errorf("%s has the field %s, which its schema does not", e.Type, field)
		}
	}
	if err := compile(t, schema).Validate(told); err != nil {
		return err
	}
	return compile(t, event.AnySchema()).Validate(told)
}

// TestSchemasAndTheTypeAgree: every field of Event is in the schema of some type, and in no schema is another.
func TestSchemasAndTheTypeAgree(t *testing.T) {
	want, got := []string{}, map[string]bool{}
	of := reflect.TypeFor[event.Event]()
	for i := range of.NumField() {
		name, _, _ := strings.Cut(of.Field(i).Tag.Get("json"), ",")
		want = append(want, name)
	}
	for _, kind := range event.Types {
		schema := document(t, event.Schema(kind))
		compile(t, schema)
		for name := range schema["properties"].(map[string]any) {
			got[name] = true
		}
	}
	if slices.Sort(want); !slices.Equal(slices.Sorted(maps.Keys(got)), want) {
		t.Errorf("schemas have %v\nEvent has %v", slices.Sorted(maps.Keys(got)), want)
	}
	if event.Schema("NO_EVENT") != nil {
		t.Error("a schema of no type")
	}
}

// TestSchemasRefuse takes one field after the other away, and gives each a value of another kind.
func TestSchemasRefuse(t *testing.T) {
	c := &consumer{}
	pump(chain(t), c)
	for _, e := range c.got {
		schema := compile(t, event.Schema(e.Type))
		required := document(t, event.Schema(e.Type))["required"].([]any)
		for name, was := range document(t, e) {
			broken := document(t, e)
			if delete(broken, name); slices.Contains(required, any(name)) && schema.Validate(broken) == nil {
				t.Errorf("%s is valid without %s", e.Type, name)
			}
			broken[name] = map[string]any{"was": was}
			if schema.Validate(broken) == nil {
				t.Errorf("%s is valid with an object as %s", e.Type, name)
			}
		}
	}
}
