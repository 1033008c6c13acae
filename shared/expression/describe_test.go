package expression

import (
	"context"
	"encoding/json"
	"fmt"
	"testing"
)

func TestDescribe(t *testing.T) {
	tests := map[string]string{
		"n":           `{"type":"LONG","value":7,"language":"sel","refs":["n"]}`,
		"1 + 2.5":     `{"type":"DOUBLE","value":3.5,"language":"sel","refs":[]}`,
		"n in [7, 8]": `{"type":"BOOLEAN","value":true,"language":"expr","refs":["n"]}`,
	}
	for text, want := range tests {
		got, err := Describe(t.Context(), text, world(map[string]any{"n": int64(7)}))
		data, _ := json.Marshal(got)
		if err != nil || string(data) != want {
			t.Errorf("%s: got %s, %v, want %s", text, data, err, want)
		}
	}
	if _, err := Describe(t.Context(), "n +", Env{}); err == nil {
		t.Error("a text without a meaning was described")
	}
}

func TestErrorOfTheParserThatGotFurther(t *testing.T) {
	tests := map[string]string{
		"n > 3 && && m":       "line 1, column 10",
		"filter(a, # > 1":     "line 1, column 15",
		"int x = 1; x = ;":    "line 1, column 16",
		"ok;\n  'ä' + + * n;": "line 2, column 11",
	}
	for text, place := range tests {
		_, err := Compile(text, Options{})
		if err == nil {
			t.Errorf("%s compiles", text)
			continue
		}
		line, column := 0, 0
		var want struct{ line, column int }
		_, _ = fmt.Sscanf(place, "line %d, column %d", &want.line, &want.column)
		if fault := faultOf(err); fault != nil {
			line, column = fault.Position()
		}
		if line != want.line || column != want.column {
			t.Errorf("%s: %v, want it at %s", text, err, place)
		}
	}
}

func TestUnknownParamIsShownInItsPlace(t *testing.T) {
	for _, language := range []string{SEL, Expr} {
		_, err := eval(t, "'gone' == \"a'\" ||\n  n > gone_too && gone", language, map[string]any{"n": int64(1), "gone_too": int64(2)})
		fault := faultOf(err)
		if fault == nil {
			t.Fatalf("%s: %v", language, err)
		}
		if line, column := fault.Position(); line != 2 || column != 19 {
			t.Errorf("%s: %v", language, err)
		}
	}
}

func ExampleCompile() {
	for _, text := range []string{"n / 2 + '!'", "map(list, # + 1)"} {
		program, err := Compile(text, Options{})
		if err != nil {
			fmt.Println(err)
			continue
		}
		value, err := program.Eval(context.Background(), world(map[string]any{"n": int64(7), "list": []int64{1, 2}}))
		fmt.Println(program.Language(), program.Refs(), value, err)
	}
	_, err := Compile("n > 3 && && m", Options{})
	fmt.Println(err)
	// Output:
	// sel [n] 3! <nil>
	// expr [list] [2 3] <nil>
	// expected an expression, found '&&' (line 1, column 10)
	//   n > 3 && && m
	//            ^
}
