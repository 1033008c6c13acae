package document_test

import (
	"encoding/json"
	"errors"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// refused returns the only fault of a text that must be refused.
func refused(t *testing.T, err error) document.Fault {
	t.Helper()
	var invalid *document.Invalid
	if workflow.CodeOf(err) != workflow.CodeInvalid || !errors.As(err, &invalid) || len(invalid.Faults) != 1 {
		t.Fatalf("got %v; want CodeInvalid with one fault", err)
	}
	return invalid.Faults[0]
}

func TestJSONRefuses(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text   string
		line, column int
		want         string
	}{
		{"nothing", "", 1, 1, "found the end of the text, want a value"},
		{"blank", " \n ", 2, 2, "found the end of the text, want a value"},
		{"second value", "{}\n{}", 2, 1, "more text after the end"},
		{"cut object", `{"a":1`, 1, 7, `found the end of the text, want "," or "}"`},
		{"cut string", `{"a`, 1, 4, "ends inside a string"},
		{"key without quotes", `{a:1}`, 1, 2, `found "a", want a key`},
		{"no colon", `{"a" 1}`, 1, 6, `found "1", want ":"`},
		{"no comma", `[1 2]`, 1, 4, `found "2", want "," or "]"`},
		{"comma at the end", "[1,\n ]", 2, 2, `found "]" after a comma`},
		{"duplicate key", "{\"a\":1,\n  \"a\":2}", 2, 3, `the key "a" is given twice`},
		{"duplicate key by escape", `{"a":1,"\u0061":2}`, 1, 8, `the key "a" is given twice`},
		{"unknown word", `[nul]`, 1, 2, `found "n", want a value`},
		{"comment", `{} // x`, 1, 4, "more text"},
		{"leading zero", `[01]`, 1, 2, "begins with 0"},
		{"bare point", `[1.]`, 1, 2, "not well formed"},
		{"plus", `[+1]`, 1, 2, `found "+", want a value`},
		{"NaN", `[NaN]`, 1, 2, "want a value"},
		{"huge number", `[` + strings.Repeat("9", 401) + `]`, 1, 2, "more than 400 characters"},
		{"line break in a string", "[\"a\nb\"]", 1, 4, "line break or control character"},
		{"unknown escape", `["\x"]`, 1, 3, "unknown escape"},
		{"short unicode", `["\u12"]`, 1, 3, "four hexadecimal digits"},
		{"half a pair", `["\ud800x"]`, 1, 3, "half of a surrogate pair"},
		{"escaped NUL", `["\u0000"]`, 1, 3, "NUL"},
		{"NUL", "{\"a\":\x00}", 1, 6, "NUL"},
		{"broken UTF-8", "[\"é\xff\"]", 1, 4, "not UTF-8"},
		{"byte order mark", "\ufeff{}", 1, 1, "want a value"},
		{"depth", strings.Repeat("[", 101), 1, 101, "deeper than 100"},
		{"depth of objects", strings.Repeat(`{"a":`, 5000), 1, 501, "deeper than 100"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			_, err := document.ParseJSON([]byte(c.text))
			f := refused(t, err)
			if f.Line != c.line || f.Column != c.column || !strings.Contains(f.Text, c.want) {
				t.Errorf("got %v; want line %d, column %d, %q", f, c.line, c.column, c.want)
			}
		})
	}
}

func TestSyntaxErrorShowsTheLine(t *testing.T) {
	t.Parallel()
	_, err := document.ParseJSON([]byte("{\n\t\"näme\": tru\n}"))
	want := []string{`line 2, column 10: found "t", want a value`, ` "näme": tru`, `         ^`}
	if got := workflow.DetailOf(err); !reflect.DeepEqual(got, want) {
		t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
	long := `["` + strings.Repeat("x", 500) + `" ` + strings.Repeat("y", 500)
	_, err = document.ParseJSON([]byte(long))
	detail := workflow.DetailOf(err)
	if len(detail[1]) > 80 || detail[1][len(detail[2])-1] != 'y' {
		t.Errorf("the snippet of a long line is\n%s\n%s", detail[1], detail[2])
	}
}

func TestPositionsAndOrder(t *testing.T) {
	t.Parallel()
	root, err := document.ParseJSON([]byte("{\"z\": 1,\r\n \"é\": {\"k\": [true,\n  \"x\"]}, \"a\": null}"))
	if err != nil {
		t.Fatal(err)
	}
	var p *document.Path
	for _, c := range []struct {
		path *document.Path
		text string
		want document.Position
	}{
		{p, "$", document.Position{Line: 1, Column: 1}},
		{p.Key("z"), "$.z", document.Position{Line: 1, Column: 7}},
		{p.Key("é").Key("k").Index(1), `$["é"].k[1]`, document.Position{Line: 3, Column: 3}},
		{p.Key("a"), "$.a", document.Position{Line: 3, Column: 15}},
		{p.Key("é").Key("none").Key("x"), `$["é"].none.x`, document.Position{Line: 2, Column: 7}}, // the nearest there is
	} {
		if got := root.Locate(c.path); got != c.want || c.path.String() != c.text {
			t.Errorf("%s (want %s): got %v, want %v", c.path, c.text, got, c.want)
		}
	}
	if root.Fields[0].Key != "z" || root.Fields[1].Key != "é" || root.Fields[1].Position != (document.Position{Line: 2, Column: 2}) {
		t.Errorf("fields are %+v", root.Fields)
	}
}

// TestJSONAgreesWithTheStandardLibrary compares values on random documents.
func TestJSONAgreesWithTheStandardLibrary(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 1))
		text, err := json.MarshalIndent(randomValue(t, random, 4), "", "\t")
		if err != nil {
			t.Skip()
		}
		root, err := document.ParseJSON(text)
		if err != nil {
			t.Fatal(err)
		}
		want, err := workflow.DecodeAny(text)
		if err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(root.Any(), want) {
			t.Fatalf("read otherwise: %s", text)
		}
	})
}

func randomValue(t *rapid.T, random *rand.Rand, depth int) any {
	switch kind := random.IntN(7); {
	case kind < 2 && depth > 0:
		object := map[string]any{}
		for range random.IntN(4) {
			object[strings.ReplaceAll(rapid.String().Draw(t, "key"), "\x00", "")] = randomValue(t, random, depth-1)
		}
		return object
	case kind < 4 && depth > 0:
		list := []any{}
		for range random.IntN(4) {
			list = append(list, randomValue(t, random, depth-1))
		}
		return list
	case kind == 4:
		return random.NormFloat64() * 1e10
	case kind == 5:
		return random.Int64()
	}
	return strings.ReplaceAll(rapid.String().Draw(t, "text"), "\x00", "")
}
