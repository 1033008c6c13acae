package expression

import (
	"fmt"
	"reflect"
	"testing"
)

// failing is the wanted result of texts that must fail.
type failing struct{}

// answers are what a text yields in Segue and, with Compat, as in Maestro.
type answers struct {
	text         string
	ours, theirs any
}

func checkAnswers(t *testing.T, params map[string]any, tests []answers) {
	t.Helper()
	for _, tt := range tests {
		for compat, want := range map[bool]any{false: tt.ours, true: tt.theirs} {
			program, err := Compile(tt.text, Options{})
			var got any
			if err == nil {
				env := world(params)
				env.Compat = compat
				got, err = program.Eval(t.Context(), env)
			}
			if _, fails := want.(failing); fails != (err != nil) || !fails && !reflect.DeepEqual(got, want) {
				t.Errorf("%s (compat %v): got %#v, %v, want %#v", tt.text, compat, got, err, want)
			}
		}
	}
}

func TestPinned59Aliasing(t *testing.T) {
	checkAnswers(t, nil, []answers{
		{"x=new Map(); y=123; x.put('foo',y); y=111; return x;", map[string]any{"foo": int64(123)}, map[string]any{"foo": int64(111)}},
		{"int x=1; int y=x; y+=1; return x;", int64(1), int64(2)},
		{"x=1; y=x; y+=1; return x;", int64(1), int64(1)},
	})
}

func TestPinned60Operators(t *testing.T) {
	checkAnswers(t, nil, []answers{
		{"false && (1/0==1);", false, failing{}},
		{"true || (1/0==1);", true, failing{}},
		{`1=="1";`, true, true},
		{`"1"==1;`, failing{}, failing{}},
		{`"a"+null;`, "anull", "anull"},
		{"010;", int64(10), int64(10)},
		{"double x=1;", failing{}, failing{}},
		{"9223372036854775807+1;", int64(-1 << 63), int64(-1 << 63)},
		{"3 > 2 > 1", failing{}, failing{}},
		{"true + 'x'", failing{}, failing{}},
	})
}

func TestPinned61Limits(t *testing.T) {
	loop := "int n=0; for (int i=0; i<%d; i+=1) n+=1; return n;"
	checkAnswers(t, nil, []answers{
		{fmt.Sprintf(loop, 25000), int64(25000), int64(25000)},
		{fmt.Sprintf(loop, 25001), failing{}, failing{}},
		{"new int[25000].length", int64(25000), int64(25000)},
		{"new int[25001].length", failing{}, failing{}},
	})
}

func TestPinned62Methods(t *testing.T) {
	checkAnswers(t, map[string]any{"arr": []string{"a", "b"}}, []answers{
		{"Util.dateIntsBetween(20200303, 20200226, -2)", []int64{20200301, 20200228, 20200226}, []int64{20200301, 20200228, 20200226}},
		{`"a,b,,".split(',')`, []string{"a", "b"}, []string{"a", "b"}},
		{"String.format('%s %s', arr)", failing{}, failing{}},
	})
}
