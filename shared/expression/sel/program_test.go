package sel

import (
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/expression/sel/ast"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestRefs(t *testing.T) {
	for _, tt := range []struct {
		expr string
		want []string
	}{
		{"b + a + b", []string{"b", "a"}},
		{"x = y; return x;", []string{"y"}},
		{"x = x + 1", nil},
		{"int x = x + 1;", nil},
		{"x + 1; x = 2;", []string{"x"}},
		{"x += y", []string{"y"}},
		{"a[i] = v", []string{"a", "i", "v"}},
		{"for (int i = 0; i < n; i += s) t += i;", []string{"n", "s"}},
		{"if (c) x = 1; else y = 2; while (x < z) break;", []string{"c", "z"}},
		{"new String[]{a, b}.length + new long[c].length", []string{"a", "b", "c"}},
		{"c ? String.valueOf(a) : Util.toJson(params['p'])", []string{"c", "a", "params"}},
		{"params.getFromStep(step, 'p')", []string{"params", "step"}},
		{"import a.b.c; throw -(m.get(k))", []string{"m", "k"}},
		{"Unknown.call()", []string{"Unknown"}},
	} {
		p, err := Compile(tt.expr, Limits{})
		if err != nil {
			t.Errorf("%s: %v", tt.expr, err)
			continue
		}
		if got := p.Refs(); !slices.Equal(got, tt.want) {
			t.Errorf("%s: reads %v, want %v", tt.expr, got, tt.want)
		}
	}
}

func TestLookupIsAskedForRefsOnly(t *testing.T) {
	var asked []string
	env := Env{Lookup: func(name string) (any, bool) {
		asked = append(asked, name)
		return int64(1), true
	}}
	if _, err := evaluate("local = 5; return local + param + param;", env); err != nil {
		t.Fatal(err)
	}
	if !slices.Equal(asked, []string{"param"}) {
		t.Errorf("asked for %v", asked)
	}
}

func TestExpression(t *testing.T) {
	for text, want := range map[string]bool{
		"1 + 2": true, " n > 5 ? 'a' : 'b' ;": true, "x = 5": true, "import a.b; 1": true,
		"1; 2": false, "return 1": false, "if (b) 1;": false, "{ 1; }": false,
	} {
		p, err := Compile(text, Limits{})
		if err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		if _, got := p.Expression(); got != want {
			t.Errorf("%s: single expression %v, want %v", text, got, want)
		}
	}
	p, _ := Compile("1 + n", Limits{})
	x, _ := p.Expression()
	if b, ok := x.(*ast.Binary); !ok || b.Op != "+" {
		t.Errorf("the tree is %#v", x)
	}
}

func TestCompileAppendsSemicolon(t *testing.T) {
	for text, compiles := range map[string]bool{
		"1": true, "1;": true, " 1 ; ": true, "1 // one": false, "1 // one\n": true,
		"if (b) { return 1; }": true, "new int[]{1}": false, "": false, "  ": false, ";": false,
	} {
		if _, err := Compile(text, Limits{}); (err == nil) != compiles {
			t.Errorf("%q: %v", text, err)
		}
	}
}

func TestErrorShowsPlace(t *testing.T) {
	_, err := Compile("x = 1;\n\ty = x +* 2;", Limits{})
	e := (*Error)(nil)
	if !errors.As(err, &e) || e.Kind != Syntax || e.Line != 2 || e.Column != 9 {
		t.Fatalf("got %#v", err)
	}
	want := " y = x +* 2;\n        ^"
	if e.Snippet() != want {
		t.Errorf("snippet\n%s\nwant\n%s", e.Snippet(), want)
	}
	_, err = evaluate("x = 1;\nreturn 'a'.substring(x + 5);", Env{})
	if !errors.As(err, &e) || e.Kind != Failed || !strings.HasSuffix(e.Snippet(), "\n           ^") {
		t.Errorf("got %v\n%s", err, e.Snippet())
	}
}

func TestErrorHidesValues(t *testing.T) {
	env := Env{Lookup: func(string) (any, bool) { return "private", true }}
	for _, expr := range []string{
		"Long.valueOf(p)", "p - 1", "'x'.split(p + '(')", "new DateTime(p)", "DateTimeZone.forID(p)",
		"DateTimeFormat.forPattern(p)", "Util.dateIntToTs(p)", "String.format('%d', p)", "Double.parseDouble(p)",
	} {
		_, err := evaluate(expr, env)
		if err == nil || strings.Contains(err.Error(), "private") {
			t.Errorf("%s: %v", expr, err)
		}
	}
}

func TestErrorCodes(t *testing.T) {
	if _, err := evaluate("1/0", Env{}); !errors.Is(err, workflow.ErrInvalid) {
		t.Errorf("a failure is no invalid input: %v", err)
	}
	p, _ := Compile("while (true) { for (int i=0;i<20000;i+=1) 1; }", Limits{Time: 1, Visits: 1 << 40})
	if _, err := p.Eval(context.Background(), Env{}); !errors.Is(err, workflow.ErrInternal) {
		t.Errorf("the end of the time is not internal: %v", err)
	}
	busy := workflow.Errorf(workflow.CodeUnavailable, "busy")
	env := Env{Params: func(string, []any) (any, error) { return nil, busy }}
	if _, err := evaluate("params.x", env); workflow.CodeOf(err) != workflow.CodeUnavailable {
		t.Errorf("the code of a callback is lost: %v", err)
	}
}

func TestKinds(t *testing.T) {
	check(t, []outcome{
		{expr: "1 +", kind: Syntax},
		{expr: "1 / 0", kind: Failed},
		{expr: "throw 'text';", kind: Thrown},
		{expr: "throw 5;", kind: Failed},
		{expr: "null", kind: Result},
		{expr: "int x;", kind: Result},
		{expr: "new DateTime(0)", kind: Result},
		{expr: "String", kind: Result},
		{expr: "params", kind: Result},
		{expr: "if (true) 5;", kind: Result},
		{expr: "x = new Map(); x.put('a', null); return x;", kind: Result},
		{expr: "x = new Map(); x.put('a', new DateTime(0)); return x;", kind: Result},
		{expr: "while (true) 1;", kind: Limit},
		{expr: "{ 5; }", value: int64(5)},
		{expr: "5; {}", kind: Result},
		{expr: "while (true) { return 5; }", value: int64(5)},
		{expr: "for (;;) { if (true) { return 5; } }", value: int64(5)},
	})
	_, err := evaluate("throw 'te' + 'xt';", Env{})
	if e := (*Error)(nil); !errors.As(err, &e) || e.Message != "text" {
		t.Errorf("threw %v", err)
	}
}

func TestAssignmentIsAnExpression(t *testing.T) {
	check(t, []outcome{
		{expr: "x = 5", value: int64(5)},
		{expr: "x = 5; x += 2", value: int64(7)},
		{expr: "a = new long[2]; a[1] = a[0] += 3; return a;", value: []int64{3, 3}},
		{expr: "x = y = 2; return x + y;", value: int64(4)},
		{expr: "int x = y = 2; x += 1; return y;", value: int64(2)},
		{expr: "int x = y = 2; x += 1; return y;", value: int64(3), compat: true},
		{expr: "m = new Map(); m.put('k', 1); int x = m.get('k'); x += 1; return m.get('k');", value: int64(1)},
		{expr: "m = new Map(); m.put('k', 1); int x = m.get('k'); x += 1; return m.get('k');", value: int64(2), compat: true},
		{expr: "m = new Map(); m.put('k', true ? 1 : 2); x = m.get('k'); x += 1; return m.get('k');", value: int64(1), compat: true},
		{expr: "String s; s += 'x'; return s;", value: "nullx"},
		{expr: "String s; String t = s; return t == null;", value: true},
		{expr: "double d; d += 1.5; boolean b; return d > 1 && !b;", value: true},
		{expr: "params = 5; return params;", value: int64(5)},
	})
}

func TestLongChainIsNotDeep(t *testing.T) {
	check(t, []outcome{
		{expr: "1" + strings.Repeat("+1", 4000), value: int64(4001)},
		{expr: "'a'" + strings.Repeat(".trim()", 1000), value: "a"},
	})
}

func FuzzProgram(f *testing.F) {
	for _, text := range hostile {
		if len(text) < 200 {
			f.Add(text)
		}
	}
	for _, text := range []string{
		"n > 5 ? s : 'b'", "sa[0] + m.get('k')", "x = new Map(); x.put('a', n); x", "'a,b'.split(',')",
		"String.format('%5d|%-5s|%.2f', n, s, d)", "new DateTime(0).plusDays(n).toString('yyyy-MM-dd ZZ')",
		"for(int i=0;i<n;i+=1){ if(i>3) break; la[i%2]+=i; } return la;", "throw s;", "'\\u0041'",
		"DateTimeFormat.forPattern('dd MMM yy z').parseDateTime('05 Jan 21 PST').toString()",
		"s.replaceAll('(?<x>[a-c\\\\s])\\\\b', '${x}$1')", "Util.dateIntsBetween(20200101, 20200110, 2)",
	} {
		f.Add(text)
	}
	limits := Limits{Visits: 200_000, Memory: 1_000_000}
	f.Fuzz(func(t *testing.T, text string) {
		p, err := Compile(text, limits)
		for _, compat := range []bool{false, true} {
			if err == nil {
				env := fixed()
				env.Compat = compat
				_, err = p.Eval(context.Background(), env)
			}
			e := (*Error)(nil)
			if err != nil && !errors.As(err, &e) {
				t.Errorf("untyped error %v", err)
			}
			if e != nil {
				_, err = e.Snippet(), nil
			}
			if p == nil {
				return
			}
		}
	})
}

func BenchmarkExpression(b *testing.B) {
	env := fixed()
	for name, text := range map[string]string{
		"compare": "n > 5 && s == 'text' ? n * 2 : 0",
		"date":    "new DateTime(0).plusDays(n).toString('yyyyMMdd')",
		"params":  "params.get('s').substring(1) + n",
	} {
		p, err := Compile(text, Limits{})
		if err != nil {
			b.Fatal(err)
		}
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				if _, err := p.Eval(context.Background(), env); err != nil {
					b.Fatal(err)
				}
			}
		})
		b.Run(name+" with compile", func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				p, _ := Compile(text, Limits{})
				if _, err := p.Eval(context.Background(), env); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
