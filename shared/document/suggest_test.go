package document_test

import (
	"testing"

	"github.com/segue-workflows/segue/shared/document"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	words := []string{"timeout", "time_triggers", "tags", "id"}
	for text, want := range map[string]string{
		"timout": "timeout", "TIMEOUT": "timeout", "tiemout": "timeout", "time_trigger": "time_triggers",
		"tag": "tags", "x": "", "ix": "", "something": "", "": "",
	} {
		if got := document.Nearest(text, words); got != want {
			t.Errorf("%q: got %q; want %q", text, got, want)
		}
	}
}
