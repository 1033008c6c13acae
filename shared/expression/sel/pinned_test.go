package sel

import (
	"context"
	"errors"
	"reflect"
	"testing"
	"time"
)

// outcome is what a pinned case must end with: a value, or a kind of error.
type outcome struct {
	expr   string
	value  any
	kind   Kind
	compat bool
}

func check(t *testing.T, cases []outcome) {
	t.Helper()
	env := Env{Lookup: func(name string) (any, bool) { return []string{"a", "b"}, name == "arr" }}
	for _, c := range cases {
		env.Compat = c.compat
		p, err := Compile(c.expr, Limits{Time: time.Minute})
		var got any
		if err == nil {
			got, err = p.Eval(context.Background(), env)
		}
		e := (*Error)(nil)
		if c.kind != 0 && (!errors.As(err, &e) || e.Kind != c.kind) {
			t.Errorf("%s: ends with %v, %v", c.expr, got, err)
		}
		if c.kind == 0 && (err != nil || !reflect.DeepEqual(got, c.value)) {
			t.Errorf("%s: is %#v, %v, want %#v", c.expr, got, err, c.value)
		}
	}
}

func TestPinned59Aliasing(t *testing.T) {
	put := "x=new Map(); y=123; x.put('foo',y); y=111; return x;"
	declared := "int x=1; int y=x; y+=1; return x;"
	assigned := "x=1; y=x; y+=1; return x;"
	loop := "r=0; for(q=0;q<3;q+=1){int z=0; z+=1; r+=z;} return r;"
	check(t, []outcome{
		{expr: put, value: map[string]any{"foo": int64(111)}, compat: true},
		{expr: declared, value: int64(2), compat: true},
		{expr: assigned, value: int64(1), compat: true},
		{expr: loop, value: int64(6), compat: true},
		{expr: put, value: map[string]any{"foo": int64(123)}},
		{expr: declared, value: int64(1)},
		{expr: assigned, value: int64(1)},
		{expr: loop, value: int64(3)},
		{expr: "a=new long[1]; b=a; b[0]=5; long[] c=a; c[0]+=1; return a;", value: []int64{6}},
		{expr: "m=new Map(); n=m; n.put('a',1); return m;", value: map[string]any{"a": int64(1)}},
	})
}

func TestPinned60Operators(t *testing.T) {
	check(t, []outcome{
		{expr: "false && (1/0==1);", kind: Failed, compat: true},
		{expr: "false && (1/0==1);", value: false},
		{expr: "true || (1/0==1);", kind: Failed, compat: true},
		{expr: "true || (1/0==1);", value: true},
		{expr: `1=="1";`, value: true},
		{expr: `"1"==1;`, kind: Failed},
		{expr: `"a"+null;`, value: "anull"},
		{expr: "010;", value: int64(10)},
		{expr: "double x=1;", kind: Failed},
		{expr: "9223372036854775807+1;", value: int64(-9223372036854775808)},
	})
}

func TestPinned61LoopAndArrayLimits(t *testing.T) {
	check(t, []outcome{
		{expr: "for(i=0; i<25000; i+=1) {} return i;", value: int64(25000)},
		{expr: "for(i=0; i<25001; i+=1) {} return i;", kind: Limit},
		{expr: "i=0; while(true) { i+=1; if (i==25001) break; } return i;", value: int64(25001)},
		{expr: "i=0; while(i<25001) { i+=1; continue; } return i;", kind: Limit},
		{expr: "new int[25000].length", value: int64(25000)},
		{expr: "new int[25001].length", kind: Limit},
	})
}

func TestPinned62Methods(t *testing.T) {
	check(t, []outcome{
		{expr: "Util.dateIntsBetween(20200303, 20200226, -2);", value: []int64{20200301, 20200228, 20200226}},
		{expr: `"a,b,,".split(',');`, value: []string{"a", "b"}},
		{expr: "String.format('%s %s', arr);", kind: Failed},
		{expr: "String.format('%s %s', arr[0], arr[1]);", value: "a b"},
	})
}
