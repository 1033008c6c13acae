package ast

import (
	"errors"
	"fmt"
	"strings"
	"testing"
)

// show writes a tree with all its parentheses.
func show(n Node) string {
	join := func(list []Expr) string {
		texts := make([]string, len(list))
		for i, e := range list {
			texts[i] = show(e)
		}
		return strings.Join(texts, ", ")
	}
	switch n := n.(type) {
	case *Literal:
		return fmt.Sprintf("%#v", n.Value)
	case *Name:
		return n.Name
	case *Unary:
		return "(" + n.Op + show(n.X) + ")"
	case *Binary:
		return "(" + show(n.X) + " " + n.Op + " " + show(n.Y) + ")"
	case *Conditional:
		return "(" + show(n.Cond) + " ? " + show(n.Then) + " : " + show(n.Else) + ")"
	case *Index:
		return show(n.X) + "[" + show(n.Index) + "]"
	case *Field:
		return show(n.X) + "." + n.Name
	case *Call:
		return show(n.X) + "." + n.Name + "(" + join(n.Args) + ")"
	case *New:
		return "new " + n.Type.Name + "(" + join(n.Args) + ")"
	case *NewArray:
		if n.Length != nil {
			return "new " + n.Type.Name + "[" + show(n.Length) + "]"
		}
		return "new " + n.Type.Name + "[]{" + join(n.Elements) + "}"
	case *Assign:
		return "(" + show(n.Target) + " " + n.Op + " " + show(n.Value) + ")"
	case *Evaluate:
		return show(n.X) + ";"
	case *Return:
		return "return " + show(n.X) + ";"
	}
	return fmt.Sprintf("%T", n)
}

func TestParseExpression(t *testing.T) {
	for text, want := range map[string]string{
		"1+2*3;": "(1 + (2 * 3));", "a-b-c;": "((a - b) - c);", "a||b&&c==d<e;": "(a || (b && (c == (d < e))));",
		"-a*!b;": "((-a) * (!b));", "- -1;": "(-(-1));", "a?b:c?d:e;": "(a ? b : (c ? d : e));", "a?b=1:c;": "(a ? (b = 1) : c);",
		"a=b=1;": "(a = (b = 1));", "a[1]+=2;": "(a[1] += 2);", "a.b.c(1,x).d[2];": "a.b.c(1, x).d[2];",
		"(a);": "a;", "new A();": "new A();", "new int[3].length;": "new int[3].length;", "new int[]{};": "new int[]{};",
		"new int[]{,};": "new int[]{};", "new int[]{1,2,}[0];": "new int[]{1, 2}[0];", "x/* c */=// d\n1;": "(x = 1);",
		"'a\\n\\\"'+\"'\";": `("a\n\"" + "'");`, "\\u0061\\u003d1;": "(a = 1);", `'\\u0041';`: `"\\u0041";`, `'\uD83D\uDE00';`: `"😀";`,
		"1L+1.5f+.5+1e3+2d+010;": "(((((1 + 1.5) + 0.5) + 1000) + 2) + 10);", "null==true;": "(<nil> == true);",
		"$a_1.b;": "$a_1.b;", "import a.b.*; import static c; x;": "x;", "return -1;": "return (-1);",
	} {
		list, err := Parse(text, 50)
		if err != nil || len(list) != 1 {
			t.Errorf("%s: %v, %v", text, list, err)
			continue
		}
		if got := show(list[0]); got != want {
			t.Errorf("%s: %s, want %s", text, got, want)
		}
	}
}

func TestParseStatements(t *testing.T) {
	for _, text := range []string{
		"int x;", "String[] a = new String[2], b;", "Map m = new Map();", "if (a) b; else if (c) { d; } else e;", "while (a) {}",
		"for (;;) break;", "for (int i = 0, j = 1; i < 3; i += 1) continue;", "for (i = 0; ; ) { return i; }", "throw 'x';", "{ int x = 1; { x; } }",
	} {
		if _, err := Parse(text, 50); err != nil {
			t.Errorf("%s: %v", text, err)
		}
	}
}

func TestParseRefuses(t *testing.T) {
	for text, column := range map[string]int{
		"": 1, ";": 1, "1": 2, "x++;": 2, "1 & 2;": 3, "1 << 2;": 3, "int[][] x;": 6, "return;": 7, "m();": 2, "0x1F;": 1, "08;": 2,
		"99999999999999999999;": 1, "'a": 1, "'a\nb';": 1, "'\\0';": 2, "'\\x';": 2, "/* x": 1, "switch (a) {}": 1, "try {} catch (e) {}": 1,
		"do x; while (y);": 1, "if (a) int x;": 8, "(a) = 1;": 5, "a + b = 1;": 7, "a.b = 1;": 5, "a[1][2] = 1;": 9, "goto = 1;": 1,
		"for (i = 0, j = 1; ; ) x;": 11, "new int[]{1 2};": 13, "new int[]{,1};": 12, "new int;": 8, "a.1;": 2, "(1;": 3, "{ 1;": 5, "a ? b;": 6,
		"f(1,);": 2, "a.f(1,);": 7, "'\\u00';": 2, "#;": 1, "x = y: z;": 6, "import a.;": 10, "x; import a;": 4, "\\u12": 1, "instanceof;": 1,
	} {
		_, err := Parse(text, 50)
		e := (*Error)(nil)
		if !errors.As(err, &e) || e.Column != column || e.Deep {
			t.Errorf("%s: %v, want an error in column %d", text, err, column)
		}
	}
}

func TestParseBoundsNesting(t *testing.T) {
	for _, text := range []string{
		strings.Repeat("(", 60) + "1" + strings.Repeat(")", 60) + ";", strings.Repeat("{", 60) + strings.Repeat("}", 60),
		strings.Repeat("-", 1) + strings.Repeat(" -", 60) + "1;", strings.Repeat("if (a) ", 60) + "b;", strings.Repeat("a ? b : ", 60) + "c;",
		strings.Repeat("a[", 60) + "1" + strings.Repeat("]", 60) + ";", strings.Repeat("a = ", 60) + "1;",
	} {
		_, err := Parse(text, 50)
		if e := (*Error)(nil); !errors.As(err, &e) || !e.Deep {
			t.Errorf("%.20s: %v", text, err)
		}
	}
	if _, err := Parse("1"+strings.Repeat("+1", 2000)+";", 50); err != nil {
		t.Errorf("a long chain is no nesting: %v", err)
	}
}

func FuzzParse(f *testing.F) {
	for _, text := range []string{"for (int i=0;;) { x[1] += 'a'.b(c)?1:.5; }", "new int[]{1,}; // x", `"\u0041\n" /* */;`} {
		f.Add(text)
	}
	f.Fuzz(func(t *testing.T, text string) {
		list, err := Parse(text, 50)
		if e := (*Error)(nil); (err == nil) == (len(list) == 0) || err != nil && !errors.As(err, &e) {
			t.Errorf("%v, %v", list, err)
		}
	})
}
