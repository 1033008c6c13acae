package param

import (
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

// merge lays layer over base, both as JSON.
func merge(t testing.TB, base, layer string, how Layer) (*workflow.Params, error) {
	t.Helper()
	return Merge(parse(t, base), parse(t, layer), how)
}

var (
	launch     = Layer{Source: workflow.SourceLaunch}
	restart    = Layer{Source: workflow.SourceRestart, Restart: true}
	subworkflw = Layer{Source: workflow.SourceSubworkflow}
	defining   = Layer{Source: workflow.SourceDefinition}
	byDefault  = Layer{Source: workflow.SourceSystemDefault}
)

func refused(t *testing.T, err error, words ...string) {
	t.Helper()
	if !errors.Is(err, workflow.ErrInvalid) {
		t.Fatalf("got %v, want it refused as invalid", err)
	}
	for _, word := range words {
		if !strings.Contains(err.Error(), word) {
			t.Errorf("%q does not tell of %q", err, word)
		}
	}
}

func get(t *testing.T, params *workflow.Params, name string) *workflow.Param {
	t.Helper()
	p, ok := params.Get(name)
	if !ok {
		t.Fatalf("there is no param %q", name)
	}
	return p
}

func valueJSON(p *workflow.Param) string {
	data, _ := json.Marshal(p.Value)
	return string(data)
}

func TestPinned12LaunchOntoImmutableOrConstant(t *testing.T) {
	for _, mode := range []workflow.ParamMode{workflow.Immutable, workflow.Constant} {
		base := fmt.Sprintf(`{"p": {"type": "LONG", "value": 1, "mode": %q}}`, mode)
		_, err := merge(t, base, `{"p": {"type": "LONG", "value": 2}}`, launch)
		refused(t, err, string(mode), `"p"`)
		if _, err = merge(t, base, `{"p": {"type": "LONG", "value": 1}}`, launch); err != nil {
			t.Errorf("the same value: %v", err)
		}
	}
}

func TestPinned13RestartOntoMutableOnStart(t *testing.T) {
	const fresh = `{"p": {"type": "LONG", "value": 2}}`
	_, err := merge(t, `{"p": {"type": "LONG", "value": 1, "mode": "MUTABLE_ON_START"}}`, fresh, restart)
	refused(t, err, "MUTABLE_ON_START")
	merged, err := merge(t, `{"p": {"type": "LONG", "value": 1, "mode": "MUTABLE_ON_START_RESTART"}}`, fresh, restart)
	if err != nil {
		t.Fatal(err)
	}
	if p := get(t, merged, "p"); p.Value != int64(2) || p.Mode != workflow.MutableOnStartRestart || p.Source != workflow.SourceRestart {
		t.Errorf("got %+v", p)
	}
	_, err = merge(t, `{"p": {"type": "LONG", "value": 1, "mode": "MUTABLE_ON_START"}}`, fresh,
		Layer{Source: workflow.SourceForeach, Restart: true})
	refused(t, err, "MUTABLE_ON_START")
}

func TestPinned14DefinitionOntoReserved(t *testing.T) {
	_, err := merge(t, `{"p": {"type": "LONG", "value": 1, "internal_mode": "RESERVED"}}`, `{"p": {"type": "LONG", "value": 2}}`, defining)
	refused(t, err, "CONSTANT", `"p"`)
}

func TestPinned15InjectedUpstreamOverwritesConstant(t *testing.T) {
	const base = `{"p": {"type": "LONG", "value": 1, "mode": "CONSTANT"}}`
	merged, err := merge(t, base, `{"p": {"type": "LONG", "value": 2, "source": "SYSTEM_INJECTED"}}`, subworkflw)
	if err != nil || get(t, merged, "p").Value != int64(2) {
		t.Fatalf("got %v, %v", merged, err)
	}
	_, err = merge(t, base, `{"p": {"type": "LONG", "value": 2}}`, subworkflw)
	refused(t, err, "CONSTANT")
}

func TestPinned16UserSetsSourceOrInternalMode(t *testing.T) {
	for _, field := range []string{`"source": "SYSTEM"`, `"internal_mode": "OPTIONAL"`} {
		layer := `{"p": {"type": "LONG", "value": 2, ` + field + `}}`
		_, err := merge(t, `{}`, layer, launch)
		refused(t, err, `"p"`)
		refused(t, CheckRunParams(parse(t, layer)), `"p"`)
	}
}

func TestPinned17LessStrictMode(t *testing.T) {
	const base, layer = `{"p": {"type": "LONG", "value": 1, "mode": "MUTABLE_ON_START"}}`, `{"p": {"type": "LONG", "value": 2, "mode": "MUTABLE"}}`
	_, err := merge(t, base, layer, defining)
	refused(t, err, "less strict", "MUTABLE_ON_START")
	merged, err := merge(t, base, layer, subworkflw)
	if err != nil {
		t.Fatal(err)
	}
	if p := get(t, merged, "p"); p.Mode != workflow.MutableOnStart || p.Source != workflow.SourceSubworkflow || p.Value != int64(2) {
		t.Errorf("got %+v", p)
	}
}

func TestPinned18StringMapsMergeByKey(t *testing.T) {
	merged, err := merge(t, `{"m": {"type": "STRING_MAP", "value": {"tomerge": "hello", "all": "x"}}}`,
		`{"m": {"type": "STRING_MAP", "value": {"tomerge": "bye", "new": "y"}}}`, defining)
	if err != nil {
		t.Fatal(err)
	}
	if got, want := valueJSON(get(t, merged, "m")), `{"all":"x","new":"y","tomerge":"bye"}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func TestPinned19MapExpressionAndLiteral(t *testing.T) {
	const expression, literal = `{"m": {"type": "MAP", "expression": "new Map()"}}`, `{"m": {"type": "MAP", "value": {"a": {"type": "LONG", "value": 1}}}}`
	_, err := merge(t, expression, literal, defining)
	refused(t, err, "literal", `"m"`)
	_, err = merge(t, literal, expression, defining)
	refused(t, err, "literal", `"m"`)
}

func TestPinned20LiteralsAreCast(t *testing.T) {
	tests := []struct{ old, fresh, want string }{
		{`"STRING_ARRAY", "value": ["x"]`, `"LONG_ARRAY", "value": [1, 2, 3]`, `["1","2","3"]`},
		{`"LONG", "value": 1`, `"STRING", "value": "234"`, `234`},
		{`"BOOLEAN", "value": false`, `"STRING", "value": "trUe"`, `true`},
		{`"STRING", "value": "x"`, `"LONG", "value": 5`, `"5"`},
		{`"DOUBLE", "value": 1.5`, `"LONG", "value": 5`, `5`},
		{`"LONG", "value": 1`, `"STRING", "value": "goodbye"`, ``},
		{`"LONG", "value": 1`, `"DOUBLE", "value": 1.5`, ``},
	}
	for _, tt := range tests {
		merged, err := merge(t, `{"p": {"type": `+tt.old+`}}`, `{"p": {"type": `+tt.fresh+`}}`, launch)
		if tt.want == "" {
			refused(t, err, "type mismatch", `"p"`)
		} else if err != nil || valueJSON(get(t, merged, "p")) != tt.want {
			t.Errorf("%s onto %s: %v", tt.fresh, tt.old, err)
		}
	}
}

func TestPinned21SameValueOfAnotherTypeIsNoChange(t *testing.T) {
	_, err := merge(t, `{"p": {"type": "STRING", "value": "0", "mode": "MUTABLE_ON_START"}}`, `{"p": {"type": "LONG", "value": 0}}`, restart)
	if err != nil {
		t.Error(err)
	}
}

func TestPinned22TagsUnite(t *testing.T) {
	merged, err := merge(t, `{"p": {"type": "LONG", "value": 1, "tags": ["t1", "t3"]}}`, `{"p": {"type": "LONG", "tags": ["t2", "t3"]}}`, defining)
	if err != nil {
		t.Fatal(err)
	}
	names := each(get(t, merged, "p").Tags, func(tag workflow.Tag) string { return tag.Name })
	if want := []string{"t1", "t3", "t2"}; !slices.Equal(names, want) {
		t.Errorf("got %v, want %v", names, want)
	}
}

func TestPinned23CleanupDropsEmptyOptionals(t *testing.T) {
	params, err := Cleanup(parse(t, `{
		"none": {"type": "LONG", "internal_mode": "OPTIONAL"},
		"empty": {"type": "MAP", "value": {}, "internal_mode": "OPTIONAL"},
		"hollow": {"type": "MAP", "value": {"x": {"type": "LONG", "internal_mode": "OPTIONAL"}}, "internal_mode": "OPTIONAL"},
		"nested": {"type": "MAP", "value": {"x": {"type": "LONG", "internal_mode": "OPTIONAL"}, "y": {"type": "LONG", "value": 1, "internal_mode": "OPTIONAL"}}}
	}`))
	if err != nil {
		t.Fatal(err)
	}
	if got, want := mustJSON(t, params), `{"nested":{"value":{"y":{"value":1,"type":"LONG"}},"type":"MAP"}}`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

func mustJSON(t *testing.T, value any) string {
	t.Helper()
	data, err := json.Marshal(value)
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

func TestPinned24CleanupWantsValues(t *testing.T) {
	for _, mode := range []string{`, "internal_mode": "REQUIRED"`, `, "internal_mode": "PROVIDED"`, `, "internal_mode": "RESERVED"`, ``} {
		_, err := Cleanup(parse(t, `{"empty": {"type": "STRING"`+mode+`}}`))
		refused(t, err, "required", `"empty"`, "STRING")
	}
}

func TestPinned25OldOrderFirst(t *testing.T) {
	params := func(from int) *workflow.Params {
		out := &workflow.Params{}
		for i := range 20 {
			out.Set(fmt.Sprintf("p%02d", from+(i*7)%20), workflow.Literal(int64(i)))
		}
		return out
	}
	base, layer := params(0), params(14)
	merged, err := Merge(base, layer, launch)
	if err != nil {
		t.Fatal(err)
	}
	want := slices.Clone(base.Keys())
	for name := range layer.All() {
		if !base.Has(name) {
			want = append(want, name)
		}
	}
	if !slices.Equal(merged.Keys(), want) || len(want) != 34 {
		t.Errorf("got %v, want %v", merged.Keys(), want)
	}
}

func TestParentModePushesDown(t *testing.T) {
	_, err := merge(t, `{"m": {"type": "MAP", "mode": "IMMUTABLE", "value": {"x": {"type": "LONG", "value": 1}}}}`,
		`{"m": {"type": "MAP", "value": {"x": {"type": "LONG", "value": 2}}}}`, launch)
	refused(t, err, "IMMUTABLE", `"x"`)
}

func TestRunParamNames(t *testing.T) {
	for _, name := range []string{"maestro", "Maestro", "MAESTRO", "scheduler", "Util", "PARAMS", "AUTH_BLOB", "AUTHORIZED_MANAGERS"} {
		params := &workflow.Params{}
		params.Set(name, workflow.Literal("x"))
		refused(t, CheckRunParams(params), name)
	}
	params := &workflow.Params{}
	for i := range workflow.MaxRunParams {
		params.Set(fmt.Sprintf("p%d", i), workflow.Literal("x"))
	}
	if err := CheckRunParams(params); err != nil {
		t.Error(err)
	}
	params.Set("more", workflow.Literal("x"))
	refused(t, CheckRunParams(params), "129")
}
