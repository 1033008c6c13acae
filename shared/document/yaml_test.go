package document_test

import (
	"fmt"
	"reflect"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestYAMLRefuses(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n")
	for i := 1; i < 9; i++ {
		fmt.Fprintf(&bomb, "a%d: &a%d [%s]\n", i, i, strings.Repeat(fmt.Sprintf("*a%d, ", i-1), 10))
	}
	for _, c := range []struct {
		name, text string
		line       int
		want       string
	}{
		{"nothing", "", 1, "empty"},
		{"comment only", "# x\n", 1, "empty"},
		{"syntax", "a: 1\n b: 2\n", 2, "not YAML"},
		{"tab", "a:\n\t- b\n", 2, "not YAML"},
		{"duplicate key", "a: 1\nb: 2\na: 3\n", 3, `the key "a" is given twice`},
		{"two documents", "a: 1\n---\nb: 2\n", 2, "second document"},
		{"broken second document", "a: 1\n---\n'\n", 3, "not YAML"},
		{"alias bomb", bomb.String(), 1, "values; are aliases nested"},
		{"alias to itself", "a: &a [*a]\n", 1, "deeper than 100"},
		{"unknown alias", "a: *b\n", 1, "not YAML"},
		{"merge key", "a: &a {x: 1}\nb:\n  <<: *a\n", 3, "merge key"},
		{"complex key", "? [a, b]\n: 1\n", 1, "not plain text"},
		{"infinity", "a: .inf\n", 1, "JSON cannot express"},
		{"not a number", "a: .nan\n", 1, "JSON cannot express"},
		{"tag", "a: !!binary aGk=\n", 1, "tag"},
		{"own tag", "a: !thing x\n", 1, "tag"},
		{"escaped NUL", `a: "x\0y"`, 1, "NUL"},
		{"NUL", "a: \x00\n", 1, "NUL"},
		{"broken UTF-8", "a: \xff\n", 1, "not UTF-8"},
		{"depth", strings.Repeat("[", 200) + strings.Repeat("]", 200), 1, "deeper than 100"},
		{"depth of brackets", strings.Repeat("[", 200000), 1, "deeper than 100"},
		{"depth of indents", indents(150), 101, "deeper than 100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := document.ParseYAML([]byte(c.text))
			if f := refused(t, err); f.Line != c.line || !strings.Contains(f.Text, c.want) {
				t.Errorf("got %v; want line %d, %q", f, c.line, c.want)
			}
		})
	}
}

func indents(depth int) string {
	var text strings.Builder
	for i := range depth {
		text.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return text.String()
}

// TestYAMLReadsAsJSON compares YAML's notations with what they are in JSON.
func TestYAMLReadsAsJSON(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ yaml, json string }{
		{"a: 1\nb: [x, 'y', \"z\"]", `{"a":1,"b":["x","y","z"]}`},
		{"a: 1.50\nb: -2e3", `{"a":1.50,"b":-2e3}`},
		{"a: 0x1F\nb: 0o17\nc: 1_000\nd: +5\ne: .5", `{"a":31,"b":15,"c":1000,"d":5,"e":0.5}`},
		{"a: yes\nb: true\nc: False", `{"a":"yes","b":true,"c":false}`},
		{"a: 2026-01-02\nb: '5'\nc: 5 min", `{"a":"2026-01-02","b":"5","c":"5 min"}`},
		{"a:\nb: ~\nc: null\nd: ''", `{"a":null,"b":null,"c":null,"d":""}`},
		{"1: x\ntrue: y", `{"1":"x","true":"y"}`},
		{"a: &x {k: [1]}\nb: *x", `{"a":{"k":[1]},"b":{"k":[1]}}`},
		{"a: |\n  one\n  two\n", `{"a":"one\ntwo\n"}`},
		{"- a\n- {}\n- []", `["a",{},[]]`},
		{"a: 9223372036854775808", `{"a":9223372036854775808}`},
	} {
		got, err := document.ParseYAML([]byte(c.yaml))
		if err != nil {
			t.Errorf("%q: %v", c.yaml, err)
			continue
		}
		want, err := workflow.DecodeAny([]byte(c.json))
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(got.Any(), want) {
			t.Errorf("%q: got %#v; want %s", c.yaml, got.Any(), c.json)
		}
	}
}

func TestYAMLPositions(t *testing.T) {
	t.Parallel()
	root, err := document.ParseYAML([]byte("# first\nwörk:\n  - a: x\n    b: y\n"))
	if err != nil {
		t.Fatal(err)
	}
	var p *document.Path
	if got := root.Locate(p.Key("wörk").Index(0).Key("b")); got != (document.Position{Line: 4, Column: 8}) {
		t.Errorf("got %v", got)
	}
	if at := root.Fields[0].Value.Items[0].Fields[1].Position; at != (document.Position{Line: 4, Column: 5}) {
		t.Errorf("the key stands at %v", at)
	}
}
