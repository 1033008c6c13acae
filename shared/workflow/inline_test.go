package workflow

import "testing"

// Pinned 51.
func TestInlineIDsAreWrittenAsTheReferenceDoes(t *testing.T) {
	if got := base62(1_000_000); got != "29C4" {
		t.Errorf("hash of 1000000: %s", got)
	}
	if got := rankOf(1_000_000); got != "44C92" {
		t.Errorf("range of 1000000: %s", got)
	}
	if got := rankOf(1<<63 - 1); got != "BAzL8n0Y58m7" {
		t.Errorf("range of the largest: %s", got)
	}
	id := InlineID(KindForeach, 1_000_000, 1_000_000, RunKey{"w", 7, 1}, "fe")
	if !Inline(id) || Inline("foreach") || len(id) != len("maestro_foreach_29C4_44C92_")+32 {
		t.Errorf("inline id %q", id)
	}
}
