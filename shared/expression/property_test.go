package expression

import (
	"fmt"
	"math"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// coreParams are params of every scalar type, with values at the edges.
var coreParams = map[string]any{
	"zero": int64(0), "seven": int64(7), "minus": int64(-3), "least": int64(math.MinInt64), "most": int64(math.MaxInt64),
	"half": 0.5, "big": 1e12, "nothing": 0.0, "yes": true, "no": false, "word": "abc", "digits": "7", "blank": "",
}

// coreText draws a text of what both grammars share: params, literals, operators, the ternary and calls of
// params and Util. Most are of the wanted type, so that most have a value; some are of any.
func coreText(t *rapid.T, kind string, depth int) string {
	if rapid.IntRange(0, 39).Draw(t, "stray") == 0 {
		kind = rapid.SampledFrom([]string{"number", "bool", "text"}).Draw(t, "kind")
	}
	if depth == 0 {
		return rapid.SampledFrom(coreLeaves[kind]).Draw(t, "leaf")
	}
	part := func(kind string) string { return coreText(t, kind, rapid.IntRange(0, depth-1).Draw(t, "depth")) }
	pick := func(from ...string) string { return rapid.SampledFrom(from).Draw(t, "pick") }
	if rapid.IntRange(0, 4).Draw(t, "ternary") == 0 {
		return fmt.Sprintf("(%s ? %s : %s)", part("bool"), part(kind), part(kind))
	}
	switch kind + pick("1", "2", "3") {
	case "number1":
		return pick("-", "+") + "(" + part("number") + ")"
	case "number2":
		return fmt.Sprintf("(%s)", strings.Join([]string{part("number"), part("number"), part("number")}, pick(" + ", " - ", " * ", " / ", " % ")))
	case "number3":
		return fmt.Sprintf("(%s %s %s %s %s)", part("number"), pick("+", "-", "*"), part("number"), pick("+", "-", "*", "/", "%"), part("number"))
	case "bool1":
		return fmt.Sprintf("(!%s %s %s %s %s)", part("bool"), pick("&&", "||"), part("bool"), pick("&&", "||"), part("bool"))
	case "bool2":
		return fmt.Sprintf("(%s %s %s)", part("number"), pick("==", "!=", "<", ">", "<=", ">="), part("number"))
	case "bool3":
		return fmt.Sprintf("(%s %s %s)", part(pick("text", "number", "bool")), pick("==", "!="), part("text"))
	case "text1":
		return fmt.Sprintf("(%s + %s)", part("text"), part(pick("text", "number", "bool")))
	case "text2":
		return fmt.Sprintf("(%s + %s)", part("number"), part("text"))
	}
	return pick(fmt.Sprintf("Util.tsToDateInt(%s)", part("number")), fmt.Sprintf("params.get('%s')", pick("seven", "half", "word", "absent")))
}

var coreLeaves = map[string][]string{
	"number": {"0", "1", "42", "1.5", "2.0", "zero", "seven", "minus", "least", "most", "half", "big", "nothing"},
	"bool":   {"true", "false", "yes", "no"},
	"text":   {"'x'", "'7'", `"a b"`, "word", "digits", "blank", "null"},
}

// TestCoreMeansTheSameInBothLanguages is what lets a definition mix the languages.
func TestCoreMeansTheSameInBothLanguages(t *testing.T) {
	kinds := rapid.SampledFrom([]string{"number", "bool", "text"})
	text := rapid.Custom(func(t *rapid.T) string { return coreText(t, kinds.Draw(t, "kind"), 4) })
	rapid.Check(t, func(t *rapid.T) {
		for _, text := range rapid.SliceOfN(text, 30, 30).Draw(t, "texts") {
			fromSEL, errSEL := evalCore(t, text, SEL)
			fromExpr, errExpr := evalCore(t, text, Expr)
			if (errSEL == nil) != (errExpr == nil) || errSEL == nil && !alike(fromSEL, fromExpr) {
				t.Fatalf("%s\nSEL:  %#v, %v\nexpr: %#v, %v", text, fromSEL, errSEL, fromExpr, errExpr)
			}
		}
	})
}

func evalCore(t *rapid.T, text, language string) (any, error) {
	program, err := compile(text, Options{Language: language})
	if err != nil {
		return nil, err
	}
	return program.Eval(t.Context(), world(coreParams))
}

// alike compares values; NaN is like NaN.
func alike(a, b any) bool {
	f, ok := a.(float64)
	g, too := b.(float64)
	return ok && too && math.IsNaN(f) && math.IsNaN(g) || reflect.DeepEqual(a, b)
}

func TestEvaluationDoesNotDependOnMapOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		fields := rapid.MapOf(rapid.StringMatching(`[a-z]{1,3}`), rapid.Int64()).Draw(t, "fields")
		build := func() map[string]any {
			out := map[string]any{}
			for key, value := range fields {
				out[key] = value
			}
			return out
		}
		text := "toJSON(m) + join(keys(m)) + toJSON(values(m))"
		var first any
		for range 4 {
			program, err := Compile(text, Options{})
			if err != nil {
				t.Fatal(err)
			}
			got, err := program.Eval(t.Context(), world(map[string]any{"m": build()}))
			if err != nil {
				t.Fatal(err)
			}
			if first == nil {
				first = got
			} else if got != first {
				t.Fatalf("%v and %v", first, got)
			}
		}
	})
}

// FuzzCompile wants a program or a typed error that shows its place, never a panic.
func FuzzCompile(f *testing.F) {
	for _, seed := range []string{"n + 1", "let x = 1; x", "map(a, #", "{\"a\": 1}", "int x = 1;", "params.get('x')", "'\\u00e9' +", "a?.b ?? c"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		program, err := Compile(text, Options{})
		if err != nil {
			if strings.TrimSpace(err.Error()) == "" {
				t.Error("an error without a text")
			}
			return
		}
		_, _ = program.Eval(t.Context(), world(map[string]any{"n": int64(1), "a": []int64{1}}))
	})
}
