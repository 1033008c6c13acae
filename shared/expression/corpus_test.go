package expression

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

// corpus returns the content of a file of the corpus, or skips the test.
func corpus(t *testing.T, name string) []byte {
	t.Helper()
	folder := os.Getenv("SEGUE_CORPUS")
	if folder == "" {
		folder = "../../../shared/corpus"
	}
	content, err := os.ReadFile(filepath.Join(folder, name))
	if err != nil {
		t.Skipf("skipped: no corpus at %s (set SEGUE_CORPUS)", folder)
	}
	return content
}

// TestTextsOfTheReferenceAreSEL checks that every text which the reference evaluates runs on SEL here, reads
// the same names and has the same type and value.
func TestTextsOfTheReferenceAreSEL(t *testing.T) {
	decoded, err := workflow.DecodeAny(corpus(t, "sel/vars.json"))
	if err != nil {
		t.Fatal(err)
	}
	params := map[string]any{}
	for name, value := range workflow.Plain(decoded).(map[string]any) {
		if params[name], err = Data(value); err != nil {
			t.Fatal(err)
		}
	}
	env := world(params)
	env.Compat, env.UUID, env.Random = true, func() string { return "u" }, func() float64 { return 0.5 }
	count := 0
	for _, line := range strings.Split(strings.TrimSpace(string(corpus(t, "sel/golden.jsonl"))), "\n") {
		var want struct {
			Expr  string
			Refs  []string
			Type  workflow.ParamType
			Value json.RawMessage
		}
		if err := json.Unmarshal([]byte(line), &want); err != nil {
			t.Fatal(err)
		}
		if want.Type == "" {
			continue
		}
		count++
		program, err := Compile(want.Expr, Options{})
		if err != nil || program.Language() != SEL {
			t.Errorf("%s is not SEL: %v", want.Expr, err)
			continue
		}
		if refs := slices.Sorted(slices.Values(program.Refs())); !slices.Equal(refs, slices.Sorted(slices.Values(want.Refs))) {
			t.Errorf("%s reads %v, want %v", want.Expr, refs, want.Refs)
		}
		if slices.ContainsFunc(want.Refs, func(name string) bool { return name != allParams && params[name] == nil }) {
			continue // the reference was asked without the layer that refuses unknown params
		}
		got, err := program.Eval(t.Context(), env)
		if err != nil {
			t.Errorf("%s: %v", want.Expr, err)
		} else if TypeOf(got) != want.Type || !asGolden(want.Value, got) {
			t.Errorf("%s: got %#v, want %s %s", want.Expr, got, want.Type, want.Value)
		}
	}
	if count < 200 {
		t.Errorf("only %d texts", count)
	}
}

// asGolden compares with the recorded value; what is not finite was recorded as its name.
func asGolden(recorded json.RawMessage, got any) bool {
	var want any
	if err := json.Unmarshal(recorded, &want); err != nil {
		return false
	}
	if f, ok := got.(float64); ok {
		if name, ok := want.(string); ok {
			text, _ := Text(f)
			return text == name
		}
	}
	var again any
	_ = json.Unmarshal([]byte(JSON(got)), &again)
	return reflect.DeepEqual(again, want)
}
