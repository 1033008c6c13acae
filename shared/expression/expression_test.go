package expression

import (
	"context"
	"reflect"
	"testing"
	"time"
)

// world is the environment of most tests.
func world(params map[string]any) Env {
	return Env{
		Lookup: func(name string) (any, bool, error) { value, ok := params[name]; return value, ok, nil },
		Call: func(name string, args []any) (any, error) {
			if key, ok := args[0].(string); ok && name == "get" {
				return params[key], nil
			}
			if key, ok := args[0].(string); ok && name == "containsKey" {
				return params[key] != nil, nil
			}
			return nil, invalidf("no %s", name)
		},
		Now: time.UnixMilli(1569018000000),
	}
}

func eval(t *testing.T, text, language string, params map[string]any) (any, error) {
	t.Helper()
	program, err := Compile(text, Options{Language: language})
	if err != nil {
		return nil, err
	}
	return program.Eval(context.Background(), world(params))
}

func TestExprValues(t *testing.T) {
	params := map[string]any{"n": int64(7), "s": "abc", "b": true, "d": 1.5, "la": []int64{1, 2, 3}, "m": map[string]any{"k": "v"}}
	tests := []struct {
		text string
		want any
	}{
		{"n + 1", int64(8)},
		{"n / 2", int64(3)},
		{"n % 4", int64(3)},
		{"n / 2.0", 3.5},
		{"'a' + n + d + b", "a71.5true"},
		{"1 == '1'", true},
		{"n > 3 && b ? 'yes' : 'no'", "yes"},
		{"!b", false},
		{"not b or n in [1, 7]", true},
		{"map(la, # * 2)", []int64{2, 4, 6}},
		{"filter(la, # > 1)", []int64{2, 3}},
		{"len(la)", int64(3)},
		{"la[1]", int64(2)},
		{"m.k", "v"},
		{"params.get('n') + 1", int64(8)},
		{"params.n + params['n']", int64(14)},
		{"let x = n + 1; x * x", int64(64)},
		{"reduce(la, #acc + #)", int64(6)},
		{"keys({b: 1, a: 2})", []string{"a", "b"}},
		{"toJSON({b: 1.0, a: [1, 2]})", `{"a":[1,2],"b":1.0}`},
		{"now()", int64(1569018000000)},
		{"s | upper() | repeat(2)", "ABCABC"},
		{"1..3", []int64{1, 2, 3}},
		{"[1, 2.5]", []float64{1, 2.5}},
		{"n + 1;", int64(8)},
		{"max(la)", int64(3)},
		{"null == nil and n != null", true},
		{"min(4, 2.5, n)", 2.5},
		{"m?.k ?? 'd'", "v"},
		{"addDays(parseTime('20260301', 'yyyyMMdd', 'Asia/Tokyo'), 1, 'UTC') | formatTime('yyyy-MM-dd HH', 'UTC')", "2026-03-01 15"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			got, err := eval(t, tt.text, Expr, params)
			if err != nil {
				t.Fatal(err)
			}
			if !reflect.DeepEqual(got, tt.want) {
				t.Fatalf("got %#v, want %#v", got, tt.want)
			}
		})
	}
}

func TestExprRefusals(t *testing.T) {
	params := map[string]any{"n": int64(7), "la": []int64{1, 2, 3}, "long": make([]int64, 25_000)}
	for _, text := range []string{
		"n +", "$env", "$env['n']", "unknown", "foo(1)", "la[7]", "1 / 0", "true && 1", "'1' == 1", "n ? 1 : 2", "nil",
		"params", "Util", "groupBy(la, #)", "date('2020-01-01')", "n.foo()", "[1, 'a']", "repeat('a', 5000000)",
		"reduce(1..60, #acc + #acc, 'aa')", "all(long, all(long, # == 0))", "params.nope()", "uniq(la)",
		"reduce(1..60, {'a': #acc, 'b': #acc}, 1)", "reduce(1..60, [#acc, #acc], 1)", "reduce(1..60, concat(#acc, #acc), [1])",
		"reduce(1..60, toJSON(#acc), '\"')", "max(reduce(1..60, [#acc, #acc], 1))", "toBase64(s)", "max([])", "min('a')", "median(la)",
		"reduce(1..60, replace(#acc, 'a', #acc), 'aa')", "1 < n < 9 and true", "map(1..2000, 1..2000)", "n ?? (1 ^ 2) in '['", "'a' - 1",
	} {
		t.Run(text, func(t *testing.T) {
			if got, err := eval(t, text, Expr, params); err == nil {
				t.Fatalf("got %#v", got)
			} else {
				t.Log(err)
			}
		})
	}
}
