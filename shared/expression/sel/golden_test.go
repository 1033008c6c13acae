package sel

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"
)

// golden is one expression with what the reference made of it.
type golden struct {
	Expr    string
	Refs    []string
	Type    string
	Value   json.RawMessage
	Error   string
	Thrown  string
	Invalid string `json:"invalid_result_type"`
}

// differences are the rows that differ on purpose; the table in the package comment has the reasons.
var differences = map[string]string{
	"return 1":       "terminated",
	"d=1; return d;": "refs only",
}

// corpus returns a file of the corpus, or skips the test.
func corpus(t *testing.T, name string) []byte {
	t.Helper()
	folder := os.Getenv("SEGUE_CORPUS")
	if folder == "" {
		folder = filepath.Join("..", "..", "..", "..", "shared", "corpus")
	}
	data, err := os.ReadFile(filepath.Join(folder, "sel", name))
	if err != nil {
		t.Skip("no corpus: set SEGUE_CORPUS to its folder")
	}
	return data
}

func goldenRows(t *testing.T) []golden {
	t.Helper()
	var rows []golden
	lines := bufio.NewScanner(strings.NewReader(string(corpus(t, "golden.jsonl"))))
	for lines.Scan() {
		var row golden
		if err := json.Unmarshal(lines.Bytes(), &row); err != nil {
			t.Fatal(err)
		}
		rows = append(rows, row)
	}
	return rows
}

// goldenEnv offers the variables of the corpus as params.
func goldenEnv(t *testing.T, compat bool) Env {
	t.Helper()
	var vars map[string]any
	decoder := json.NewDecoder(strings.NewReader(string(corpus(t, "vars.json"))))
	decoder.UseNumber()
	if err := decoder.Decode(&vars); err != nil {
		t.Fatal(err)
	}
	values := numbersOf(vars).(map[string]any)
	return Env{
		Lookup: func(name string) (any, bool) { v, ok := values[name]; return v, ok },
		Now:    func() time.Time { return time.Date(2021, 7, 7, 12, 0, 0, 0, time.UTC) },
		Random: func() float64 { return 0.5 },
		UUID:   func() string { return "00000000-0000-4000-8000-000000000000" },
		Compat: compat,
	}
}

// numbersOf turns decoded numbers into int64 or float64, as they are written.
func numbersOf(v any) any {
	switch v := v.(type) {
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n
		}
		f, _ := v.Float64()
		return f
	case []any:
		for i := range v {
			v[i] = numbersOf(v[i])
		}
	case map[string]any:
		for k := range v {
			v[k] = numbersOf(v[k])
		}
	}
	return v
}

// want returns the value of a row in our types.
func (g golden) want(t *testing.T) any {
	t.Helper()
	var v any
	decoder := json.NewDecoder(strings.NewReader(string(g.Value)))
	decoder.UseNumber()
	if err := decoder.Decode(&v); err != nil {
		t.Fatal(err)
	}
	v = numbersOf(v)
	switch g.Type {
	case "DOUBLE":
		return floatOf(v)
	case "DOUBLE_ARRAY":
		return listOf(v, floatOf)
	case "LONG_ARRAY":
		return listOf(v, func(x any) int64 { return x.(int64) })
	case "STRING_ARRAY":
		return listOf(v, func(x any) string { s, _ := x.(string); return s })
	case "BOOLEAN_ARRAY":
		return listOf(v, func(x any) bool { return x.(bool) })
	}
	return v
}

func floatOf(v any) float64 {
	switch v := v.(type) {
	case int64:
		return float64(v)
	case float64:
		return v
	}
	return map[any]float64{"Infinity": math.Inf(1), "-Infinity": math.Inf(-1), "NaN": math.NaN()}[v]
}

func listOf[T any](v any, f func(any) T) []T {
	list := []T{}
	for _, x := range v.([]any) {
		list = append(list, f(x))
	}
	return list
}

// differs tells how the outcome differs from the row, or "".
func (g golden) differs(t *testing.T, got any, err error) string {
	t.Helper()
	e := (*Error)(nil)
	switch {
	case err != nil && !errors.As(err, &e):
		return "untyped error " + err.Error()
	case g.Type != "" && err != nil:
		return "failed: " + err.Error()
	case g.Type == "" && err == nil:
		return "did not fail"
	case g.Thrown != "" && (e.Kind != Thrown || e.Message != g.Thrown):
		return "threw something else: " + err.Error()
	case g.Invalid != "" && e.Kind != Result:
		return "failed in another way: " + err.Error()
	}
	if g.Type == "" {
		return ""
	}
	want := g.want(t)
	if g.Type == "MAP" {
		if a, b := asJSON(want), asJSON(got); a != b {
			return "is " + b + ", want " + a
		}
		return ""
	}
	if !reflect.DeepEqual(got, want) {
		return "is " + asJSON(got) + ", want " + asJSON(want)
	}
	return ""
}

func asJSON(v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

func evaluate(text string, env Env) (any, error) {
	p, err := Compile(text, Limits{Time: time.Minute})
	if err != nil {
		return nil, err
	}
	return p.Eval(context.Background(), env)
}

func TestGolden(t *testing.T) {
	env := goldenEnv(t, true)
	different := 0
	rows := goldenRows(t)
	for _, row := range rows {
		got, err := evaluate(row.Expr, env)
		difference := row.differs(t, got, err)
		if _, known := differences[row.Expr]; known {
			if difference == "" {
				t.Errorf("%s: is listed as different and is not", row.Expr)
			}
			different++
			continue
		}
		if difference != "" {
			t.Errorf("%s: %s", row.Expr, difference)
		}
	}
	if different*50 > len(rows) {
		t.Errorf("%d of %d rows differ", different, len(rows))
	}
}

// Without Compat only the rows about && and || and about shared scalars differ.
func TestGoldenWithoutCompat(t *testing.T) {
	env := goldenEnv(t, false)
	quirks := map[string]bool{
		"true||(1/0==1);": true, "false&&undefinedVar;": true, "return i == 3 && n == 7 || 1/0;": true,
		"String s=\"a\"; String t=s; t+=\"b\"; return s;":            true,
		"r=0; for(int q=0;q<3;q+=1){int z=0; z+=1; r+=z;} return r;": true,
		"x=new Map(); y=123; x.put('foo', y); y=111; return x;":      true,
	}
	for _, row := range goldenRows(t) {
		if _, known := differences[row.Expr]; known {
			continue
		}
		got, err := evaluate(row.Expr, env)
		difference := row.differs(t, got, err)
		if (difference != "") != quirks[row.Expr] {
			t.Errorf("%s: difference %q, want one: %v", row.Expr, difference, quirks[row.Expr])
		}
	}
}

func TestGoldenRefs(t *testing.T) {
	for _, row := range goldenRows(t) {
		p, err := Compile(row.Expr, Limits{})
		if row.Refs == nil {
			if err == nil && differences[row.Expr] == "" {
				t.Errorf("%s: compiles", row.Expr)
			}
			continue
		}
		if err != nil {
			t.Errorf("%s: %v", row.Expr, err)
			continue
		}
		refs := p.Refs()
		slices.Sort(refs)
		if !slices.Equal(refs, row.Refs) {
			t.Errorf("%s: reads %v, want %v", row.Expr, refs, row.Refs)
		}
	}
}

// A single expression means the same without its semicolon, unless it ends in a brace.
func TestGoldenWithoutSemicolon(t *testing.T) {
	env := goldenEnv(t, true)
	checked := 0
	for _, row := range goldenRows(t) {
		bare := strings.TrimSuffix(row.Expr, ";")
		p, err := Compile(row.Expr, Limits{})
		if err != nil || strings.HasSuffix(bare, "}") {
			continue
		}
		if _, single := p.Expression(); !single {
			continue
		}
		checked++
		got, err := evaluate(bare, env)
		if difference := row.differs(t, got, err); difference != "" {
			t.Errorf("%s: %s", bare, difference)
		}
	}
	if checked < 150 {
		t.Errorf("only %d rows are single expressions", checked)
	}
}
