package document_test

import (
	"encoding/json"
	"testing"
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/document"
	"github.com/segue-workflows/segue/shared/workflow"
)

// mustBeTyped fails unless a text is read, or refused as the user's fault.
func mustBeTyped(t *testing.T, err error) {
	t.Helper()
	if err != nil && (workflow.CodeOf(err) != workflow.CodeInvalid || len(workflow.DetailOf(err)) == 0) {
		t.Fatalf("got %v; want CodeInvalid with detail", err)
	}
}

func FuzzJSON(f *testing.F) {
	for _, seed := range []string{`{"a":[1,-2.5e3,"x\u00e9\ud83d\ude00",true,null]}`, `{"a":{"a":{}}}`, `[`, `"\`, "{\"a\"\n:01}"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := document.ParseJSON(text)
		mustBeTyped(t, err)
		if err != nil {
			return
		}
		if !json.Valid(text) || !utf8.Valid(text) {
			t.Fatalf("read what is not JSON: %q", text)
		}
		again, err := json.Marshal(root.Any())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := document.ParseJSON(again); err != nil {
			t.Fatalf("its own JSON is refused: %v", err)
		}
	})
}

func FuzzYAML(f *testing.F) {
	for _, seed := range []string{"a: [1, x]\nb:\n  c: |\n    text\n", "a: &a {b: 1}\nc: *a\n", "? x\n: y", "--- !!str\n...", "a: 0x_1\n"} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		root, err := document.ParseYAML(text)
		mustBeTyped(t, err)
		if err != nil {
			return
		}
		again, err := json.Marshal(root.Any())
		if err != nil {
			t.Fatal(err)
		}
		if _, err := document.ParseJSON(again); err != nil {
			t.Fatalf("its JSON is refused: %v", err)
		}
	})
}
