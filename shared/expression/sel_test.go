package expression

import (
	"context"
	"errors"
	"reflect"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

func TestLanguageOfATextFollowsFromTheGrammars(t *testing.T) {
	params := map[string]any{"n": int64(7), "b": true, "la": []int64{1, 2, 3}}
	tests := []struct {
		text, language string
		want           any
	}{
		{"n + 1", SEL, int64(8)},
		{"n + 1;", SEL, int64(8)},
		{"b ? 'x' : 'y'", SEL, "x"},
		{"int x = n; x += 1; return x;", SEL, int64(8)},
		{"la[0]", SEL, int64(1)},
		{"la.length", SEL, int64(3)},
		{"params.get('n')", SEL, int64(7)},
		{"new DateTime(1569018000000).withZone(DateTimeZone.forID('UTC')).monthOfYear().getAsText();", SEL, "September"},
		{"not b", Expr, false},
		{"let x = n; x * x", Expr, int64(49)},
		{"len(la)", Expr, int64(3)},
		{"n in la", Expr, false},
		{"la | map(# + n)", Expr, []int64{8, 9, 10}},
		{"map(Util.intsBetween(0, 3, 1), # * 2)", Expr, []int64{0, 2, 4}},
		{"b and n > 3", Expr, true},
		{"Util.toJson(la)", SEL, "[1,2,3]"},
	}
	for _, tt := range tests {
		t.Run(tt.text, func(t *testing.T) {
			program, err := Compile(tt.text, Options{})
			if err != nil {
				t.Fatal(err)
			}
			if program.Language() != tt.language {
				t.Errorf("%s, want %s", program.Language(), tt.language)
			}
			got, err := program.Eval(t.Context(), world(params))
			if err != nil || !reflect.DeepEqual(got, tt.want) {
				t.Errorf("got %#v, %v, want %#v", got, err, tt.want)
			}
		})
	}
}

func TestEndOfTheContextIsNoFaultOfTheText(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	for _, text := range []string{"int n=0; while (n < 20000) n += 1; return n;", "all(1..1000, # > 0)"} {
		program, err := Compile(text, Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := program.Eval(ctx, Env{}); !errors.Is(err, workflow.ErrUnavailable) {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	for name, text := range map[string]string{"sel": "n > 3 && date == '20260101'", "expr": "n > 3 and date in ['20260101']"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				if _, err := compile(text, Options{}); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkEval(b *testing.B) {
	env := world(map[string]any{"n": int64(7), "date": "20260101"})
	for name, text := range map[string]string{"sel": "n > 3 && date == '20260101'", "expr": "n > 3 and date in ['20260101']"} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				program, err := Compile(text, Options{})
				if err != nil {
					b.Fatal(err)
				}
				if _, err = program.Eval(b.Context(), env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
