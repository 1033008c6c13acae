package param

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/workflow"
)

func drawParams(t *rapid.T, label string) *workflow.Params {
	out := &workflow.Params{}
	for _, name := range rapid.SliceOfNDistinct(rapid.StringMatching(`[a-e]`), 0, 5, rapid.ID).Draw(t, label) {
		p := workflow.Literal(rapid.Int64Range(0, 3).Draw(t, "value"))
		p.Mode = rapid.SampledFrom(append([]workflow.ParamMode{""}, workflow.ParamModes...)).Draw(t, "mode")
		out.Set(name, p)
	}
	return out
}

// TestMergeKeepsOrderModesAndItsInputs checks what holds for every merge that is accepted.
func TestMergeKeepsOrderModesAndItsInputs(t *testing.T) {
	sources := []workflow.ParamSource{workflow.SourceDefinition, workflow.SourceLaunch, workflow.SourceRestart,
		workflow.SourceForeach, workflow.SourceOutputParameter, workflow.SourceSystemDefault}
	rapid.Check(t, func(t *rapid.T) {
		base, layer := drawParams(t, "base"), drawParams(t, "layer")
		how := Layer{Source: rapid.SampledFrom(sources).Draw(t, "source"), Restart: rapid.Bool().Draw(t, "restart")}
		before := fmt.Sprint(encode(t, base), encode(t, layer))
		merged, err := Merge(base, layer, how)
		if after := fmt.Sprint(encode(t, base), encode(t, layer)); after != before {
			t.Fatalf("an input changed: %s, then %s", before, after)
		}
		if err != nil {
			return
		}
		want := slices.Clone(base.Keys())
		for name := range layer.All() {
			if !base.Has(name) {
				want = append(want, name)
			}
		}
		if !slices.Equal(merged.Keys(), want) {
			t.Fatalf("order %v, want %v", merged.Keys(), want)
		}
		for name, p := range merged.All() {
			old, known := base.Get(name)
			fresh, given := layer.Get(name)
			if known && rank(p.Mode) < rank(old.Mode) {
				t.Fatalf("%s became looser", name)
			}
			if given && p.Value != fresh.Value || !given && p.Value != old.Value {
				t.Fatalf("%s has value %v", name, p.Value)
			}
			if known && given && p.Value != old.Value && !how.system() && !slices.Contains(changeable(how), modeOf(old)) {
				t.Fatalf("%s with mode %s was changed by %s", name, old.Mode, how.Source)
			}
		}
	})
}

func encode(t *rapid.T, params *workflow.Params) string {
	data, err := params.MarshalJSON()
	if err != nil {
		t.Fatal(err)
	}
	return string(data)
}

// TestWorkflowParamsDoNotDependOnTheirOrder draws params that refer to earlier ones and shuffles them.
func TestWorkflowParamsDoNotDependOnTheirOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		count := rapid.IntRange(1, 8).Draw(t, "count")
		defined := make([]*workflow.Param, count)
		for i := range defined {
			terms := []string{fmt.Sprint(i)}
			for j := range i {
				if rapid.Bool().Draw(t, "refers") {
					terms = append(terms, fmt.Sprintf("p%d", j))
				}
			}
			if rapid.Bool().Draw(t, "text") {
				defined[i] = workflow.Literal(strings.ReplaceAll(strings.Join(terms, " "), "p", "$p"))
			} else {
				defined[i] = computed(workflow.String, "'' + "+strings.Join(terms, " + "))
			}
		}
		var first string
		for range 3 {
			params := &workflow.Params{}
			for _, i := range rapid.Permutation(indices(count)).Draw(t, "order") {
				params.Set(fmt.Sprintf("p%d", i), defined[i])
			}
			got, err := Workflow(context.Background(), WorkflowInput{Definition: &workflow.Workflow{ID: "w", Params: params}, Now: noon})
			if err != nil {
				t.Fatal(err)
			}
			var all strings.Builder
			for i := range count {
				p, _ := got.Get(fmt.Sprintf("p%d", i))
				fmt.Fprintln(&all, p.Result)
			}
			if first == "" {
				first = all.String()
			} else if all.String() != first {
				t.Fatalf("%s\nand\n%s", first, all.String())
			}
		}
	})
}

func indices(n int) []int {
	out := make([]int, n)
	for i := range out {
		out[i] = i
	}
	return out
}

// TestEstimateIsNeverTooSmall is why checkLength may trust it.
func TestEstimateIsNeverTooSmall(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.SliceOf(rapid.String()).Draw(t, "texts")
		values := map[string]any{"list": texts, "longs": rapid.SliceOf(rapid.Int64()).Draw(t, "longs"),
			"doubles": rapid.SliceOf(rapid.Float64()).Draw(t, "doubles"), "flags": rapid.SliceOf(rapid.Bool()).Draw(t, "flags")}
		fields := map[string]string{}
		for i, text := range texts {
			values["t"+text] = text
			fields[text+fmt.Sprint(i)] = text
		}
		values["map"] = fields
		params := evaluated(values)
		for _, p := range params.All() {
			p.Mode, p.Source, p.Name = workflow.MutableOnStartRestart, workflow.SourceWorkflowParameter, "n"
			p.SetMeta("info", "implicit conversion")
		}
		if length := len(encode(t, params)); Length(params) < length {
			t.Fatalf("estimate %d, length %d", Length(params), length)
		}
	})
}

// FuzzInterpolate wants no panic, texts without dollars as they are, and escaped texts back.
func FuzzInterpolate(f *testing.F) {
	for _, seed := range []string{"", "$", "$$", "${", "${a}", "$a$$b", "$${a}", "${a.b/c}", "ä$ö", "$a-b", "${a b}"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		filled, err := interpolate(text, func(string) (any, bool, error) { return "v", true, nil })
		if err != nil || !strings.Contains(text, "$") && filled != text {
			t.Errorf("%q: %q, %v", text, filled, err)
		}
		if back, err := interpolate(escapeText(text), lookupIn(nil)); err != nil || back != text {
			t.Errorf("%q comes back as %q, %v", text, back, err)
		}
	})
}

// fifty are params of all kinds, as large definitions have them.
func fifty(t testing.TB) *workflow.Params {
	out := &workflow.Params{}
	for i := range 10 {
		for name, text := range map[string]string{
			"n": `{"type": "LONG", "value": 7}`, "s": `{"type": "STRING", "value": "run ${nI} of ${RUN_DATE}"}`,
			"e": `{"type": "LONG", "expression": "nI * 2 + 1"}`, "c": `{"type": "BOOLEAN", "expression": "nI > 3 && sI != 'x'"}`,
			"m": `{"type": "STRING_MAP", "value": {"k": "v-$nI"}}`,
		} {
			index := fmt.Sprint(i)
			p, _ := parse(t, `{"p": `+strings.ReplaceAll(strings.ReplaceAll(text, "nI", "n"+index), "sI", "s"+index)+`}`).Get("p")
			out.Set(name+index, p)
		}
	}
	return out
}

func BenchmarkWorkflowOfFiftyParams(b *testing.B) {
	in := WorkflowInput{Definition: &workflow.Workflow{ID: "w", Params: fifty(b)}, Now: noon}
	for b.Loop() {
		if _, err := Workflow(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStepOfFiftyParams(b *testing.B) {
	in := StepInput{Step: &workflow.Step{Kind: workflow.KindStep, ID: "me", Type: "NoOp", Params: fifty(b)},
		Scope: Scope{Workflow: evaluated(map[string]any{"RUN_DATE": "20260101"}), Now: noon}}
	for b.Loop() {
		if _, err := Step(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkStepWithoutParams(b *testing.B) {
	in := StepInput{Step: &workflow.Step{Kind: workflow.KindStep, ID: "me", Type: "NoOp"}, Scope: completed()}
	for b.Loop() {
		if _, err := Step(b.Context(), in); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCondition(b *testing.B) {
	scope := completed()
	for b.Loop() {
		if _, err := Condition(b.Context(), "own == 1 && done__out > 8", scope); err != nil {
			b.Fatal(err)
		}
	}
}
