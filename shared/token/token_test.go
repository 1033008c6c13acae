package token_test

import (
	"context"
	"errors"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// filled returns a source of "random" bytes that are all b.
func filled(b byte) func([]byte) error {
	return func(out []byte) error {
		for i := range out {
			out[i] = b
		}
		return nil
	}
}

func mint(b byte) *token.Mint {
	return &token.Mint{Store: memory.NewStore(func() time.Time { return time.Unix(0, 0) }), Entropy: filled(b)}
}

func holder(t *rapid.T) token.Holder {
	run := workflow.RunKey{Workflow: rapid.String().Draw(t, "wf"), Instance: rapid.Int64().Draw(t, "i"), Run: rapid.Int64().Draw(t, "r")}
	return token.Holder{UUID: rapid.String().Draw(t, "uuid"),
		Attempt: workflow.AttemptKey{RunKey: run, Step: rapid.StringMatching(`[a-z.:/_-]{1,20}`).Draw(t, "step"), Attempt: rapid.Int64().Draw(t, "a")}}
}

func TestATokenNamesItsHolder(t *testing.T) {
	m := mint(1)
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		h := holder(t)
		text, err := m.Sign(ctx, h)
		if err != nil {
			t.Fatal(err)
		}
		if again, _ := m.Sign(ctx, h); again != text {
			t.Fatal("a repeated call has another token")
		}
		if len(text) > token.MaxLength {
			t.Skip("ids longer than any")
		}
		if got, err := m.Parse(ctx, text); err != nil || got != h {
			t.Fatalf("%+v %v, want %+v", got, err, h)
		}
	})
}

func TestAChangedTokenIsRefused(t *testing.T) {
	m := mint(1)
	ctx := context.Background()
	rapid.Check(t, func(t *rapid.T) {
		text, _ := m.Sign(ctx, holder(t))
		at := rapid.IntRange(0, len(text)-1).Draw(t, "at")
		b := []byte(text)
		b[at] ^= byte(rapid.IntRange(1, 127).Draw(t, "flip"))
		if _, err := m.Parse(ctx, string(b)); !errors.Is(err, workflow.ErrDenied) {
			t.Fatalf("byte %d changed: %v", at, err)
		}
		if _, err := m.Parse(ctx, text[:at]); !errors.Is(err, workflow.ErrDenied) {
			t.Fatalf("cut at %d: %v", at, err)
		}
	})
}

func TestATokenOfAnotherDeploymentIsRefused(t *testing.T) {
	text, _ := mint(1).Sign(t.Context(), token.Holder{UUID: "u"})
	_, err := mint(2).Parse(t.Context(), text)
	if !errors.Is(err, workflow.ErrDenied) || strings.Contains(err.Error(), text) {
		t.Errorf("%v", err)
	}
}

func TestProcessesOfADeploymentShareTheKey(t *testing.T) {
	first := mint(1)
	second := &token.Mint{Store: first.Store, Entropy: filled(2)}
	text, _ := first.Sign(t.Context(), token.Holder{UUID: "u"})
	if h, err := second.Parse(t.Context(), text); err != nil || h.UUID != "u" {
		t.Errorf("%v %v", h, err)
	}
}
