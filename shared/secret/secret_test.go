package secret_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/workflow"
)

// vault holds secrets by name, version and stage.
type vault map[string]string

func (v vault) Secret(_ context.Context, name, version, stage string) (string, error) {
	value, ok := v[name+version+stage]
	if !ok {
		return "", workflow.Errorf(workflow.CodeNotFound, "there is no secret %q", name)
	}
	return value, nil
}

func TestReferencesAreRead(t *testing.T) {
	for text, want := range map[string][]secret.Reference{
		"":                        nil,
		"${secret:a}":             {{Name: "a"}},
		"x${secret:a#k}y":         {{Name: "a", Key: "k"}},
		"${secret:a?stage=S}":     {{Name: "a", Stage: "S"}},
		"${secret:a#k?version=1}": {{Name: "a", Key: "k", Version: "1"}},
		"${secret:a}${secret:b}":  {{Name: "a"}, {Name: "b"}},
		"$${secret:a}":            nil,
		"$$${secret:a}":           {{Name: "a"}},
		"$$$${secret:a}":          nil,
		"${secret:arn:aws:secretsmanager:eu-west-1:123456789012:secret:db/prod-AbCdEf}": {{Name: "arn:aws:secretsmanager:eu-west-1:123456789012:secret:db/prod-AbCdEf"}},
		"${secrets:a} ${ secret:a} ${SECRET:a} $secret:a":                               nil,
	} {
		if got := secret.In(text); fmt.Sprint(got) != fmt.Sprint(want) {
			t.Errorf("%q: %v, want %v", text, got, want)
		}
		if err := secret.Check(text); err != nil {
			t.Errorf("%q: %v", text, err)
		}
		for _, ref := range want {
			if !strings.Contains(text, ref.String()) {
				t.Errorf("%q does not hold %s", text, ref)
			}
		}
	}
}

func TestWhatOnlyBeginsLikeAReferenceIsAFault(t *testing.T) {
	for _, text := range []string{"${secret:}", "${secret:a", "${secret:a b}", "${secret:${x}}", "${secret:$x}", "${secret:a#}", "${secret:a?stage=}",
		"${secret:a?stage=s?version=v}", "${secret:a?x=1}", "${secret:ä}", "${secret:" + strings.Repeat("a", 513) + "}", "${secret:a#b#c}"} {
		if err := secret.Check(text); !errors.Is(err, workflow.ErrInvalid) || len(secret.In(text)) > 0 {
			t.Errorf("%.40q: %v %v", text, err, secret.In(text))
		}
	}
}

// TestNoValueMakesAReference: whatever is put into a text that holds a reference, exactly that one is resolved.
func TestNoValueMakesAReference(t *testing.T) {
	binder := &secret.Binder{Source: vault{"good": "G00D", "evil": "EV1L"}, Policy: secret.Policy{"*": {"*"}}}
	rapid.Check(t, func(t *rapid.T) {
		piece := rapid.SampledFrom([]string{"$", "$$", "{", "}", "${", "${secret:", "secret:", "evil", "evil}", "${secret:evil}", "$${secret:evil}", "#", "x"})
		value := strings.Join(rapid.SliceOfN(piece, 0, 6).Draw(t, "value"), "")
		literal := "<" + rapid.SampledFrom([]string{"@", "@ ", "$$@", "a@"}).Draw(t, "before") + "${secret:good}@>"
		quoted, held, err := secret.Quote(literal, func(text string) (string, error) {
			return strings.ReplaceAll(strings.ReplaceAll(text, "$$", "$"), "@", value), nil
		})
		if err != nil || !held {
			t.Fatal(held, err)
		}
		p := workflow.Literal(literal)
		p.Evaluated, p.Result = true, quoted
		params, definition := &workflow.Params{}, &workflow.Params{}
		params.Set("p", p)
		definition.Set("p", workflow.Literal(literal))
		bound, _, err := binder.Bind(t.Context(), params, secret.Definition{Params: definition, Authors: []string{"o"}})
		if err != nil {
			t.Fatal(err)
		}
		want := strings.ReplaceAll(strings.ReplaceAll(strings.ReplaceAll(literal, "$$", "$"), "${secret:good}", "G00D"), "@", value)
		if got, _ := bound.Get("p"); got.Result != want {
			t.Fatalf("%q, want %q", got.Result, want)
		}
	})
}

func TestOnlyWhatTheCallerIsAllowed(t *testing.T) {
	policy, err := secret.ParsePolicy(`{"alice": ["db/*", "mail"], "*": ["public"]}`)
	if err != nil {
		t.Fatal(err)
	}
	for caller, names := range map[string]map[string]bool{
		"alice": {"db/prod": true, "db/": true, "db": false, "mail": true, "mailer": false, "public": true},
		"bob":   {"db/prod": false, "public": true, "publicity": false},
		"":      {"db/prod": false, "public": true},
	} {
		for name, want := range names {
			if got := policy.Allows(caller, name); got != want {
				t.Errorf("%q and %q: %t", caller, name, got)
			}
		}
	}
	if secret.Policy(nil).Allows("alice", "x") {
		t.Error("no policy allows something")
	}
	if _, err := secret.ParsePolicy(`[`); !errors.Is(err, workflow.ErrInvalid) {
		t.Error(err)
	}
}

func TestTheMaskKnowsTheFormsOfAValue(t *testing.T) {
	mask := &secret.Mask{}
	mask.Add(`p"a/s s`)
	mask.Add("abc")
	for _, text := range []string{`p"a/s s`, `p\"a/s s`, "p%22a%2Fs+s", "cCJhL3Mgcw=="} {
		if got := mask.Text("<" + text + ">"); got != "<***>" {
			t.Errorf("%s: %s", text, got)
		}
	}
	if got := mask.Text("abcdef"); got != "abcdef" {
		t.Error("a value too short to hide anything is masked:", got)
	}
}
