package secret

import (
	"context"
	"encoding/json"
	"maps"
	"slices"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Source is where secrets come from.
type Source interface {
	// Secret returns the text of a secret. It returns CodeNotFound, CodeDenied, or CodeUnavailable when it may be there later.
	Secret(ctx context.Context, name, version, stage string) (string, error)
}

// Binder puts secrets into params.
type Binder struct {
	Source Source // nil: there are no secrets
	Policy Policy
}

// Definition is where references count, and who wrote them: every author must be allowed a secret.
type Definition struct {
	Params  *workflow.Params
	Authors []string
}

// Bind returns the evaluated params of a step with its secrets in the place of their references, and the mask that
// knows them. definitions are where references count: the step's own params, and those of its job template. params
// stay as they are, and are returned themselves when there is nothing to resolve.
// It returns CodeDenied for a secret that an author is not allowed, and the errors of the source. No error has a value.
func (b *Binder) Bind(ctx context.Context, params *workflow.Params, definitions ...Definition) (*workflow.Params, *Mask, error) {
	w := &binding{Binder: b, ctx: ctx, mask: &Mask{}}
	out := params
	for name, p := range params.All() {
		for _, definition := range definitions {
			w.authors = definition.Authors
			literal, ok := definition.Params.Get(name)
			if !ok || p.HasExpr || literal.HasExpr {
				continue
			}
			result, changed, err := w.value(literal.Value, p.Value, p.Result)
			if err != nil {
				return nil, nil, err
			}
			if changed {
				if out == params {
					out = params.Clone()
				}
				bound := *p
				bound.Result = result
				out.Set(name, &bound)
				break
			}
		}
	}
	return out, w.mask, nil
}

// binding is one Bind at work.
type binding struct {
	*Binder
	ctx     context.Context
	authors []string // of the literal
	mask    *Mask
}

// value binds a result. literal is what the definition says, own is what the param was evaluated from: where they
// differ, somebody else said what the param is, and his references do not count.
func (w *binding) value(literal, own, result any) (any, bool, error) {
	switch literal := literal.(type) {
	case string:
		text, ok := result.(string)
		if own != literal || !ok {
			return nil, false, nil
		}
		return boxed(w.text(literal, text))
	case []string:
		texts, ok := result.([]string)
		if from, same := own.([]string); !ok || !same || !slices.Equal(from, literal) || len(texts) != len(literal) {
			return nil, false, nil
		}
		return w.list(literal, texts)
	case map[string]string:
		texts, ok := result.(map[string]string)
		from, same := own.(map[string]string)
		if !ok || !same {
			return nil, false, nil
		}
		return w.texts(literal, from, texts)
	case *workflow.Params:
		fields, ok := result.(map[string]any)
		from, same := own.(*workflow.Params)
		if !ok || !same {
			return nil, false, nil
		}
		return w.nested(literal, from, fields)
	}
	return nil, false, nil
}

func boxed(text string, changed bool, err error) (any, bool, error) { return text, changed, err }

func (w *binding) list(literal, texts []string) (any, bool, error) {
	out, some := slices.Clone(texts), false
	for i := range literal {
		value, changed, err := w.text(literal[i], texts[i])
		if err != nil {
			return nil, false, err
		}
		if changed {
			out[i], some = value, true
		}
	}
	return out, some, nil
}

func (w *binding) texts(literal, own, texts map[string]string) (any, bool, error) {
	out, some := maps.Clone(texts), false
	for _, key := range slices.Sorted(maps.Keys(literal)) {
		text, ok := texts[key] // a key that was evaluated itself is another one by now, and holds no secret
		if own[key] != literal[key] || !ok {
			continue
		}
		value, changed, err := w.text(literal[key], text)
		if err != nil {
			return nil, false, err
		}
		if changed {
			out[key], some = value, true
		}
	}
	return out, some, nil
}

func (w *binding) nested(literal, own *workflow.Params, fields map[string]any) (any, bool, error) {
	out, some := maps.Clone(fields), false
	for name, inner := range literal.All() {
		from, ok := own.Get(name)
		if !ok || from.HasExpr || inner.HasExpr {
			continue
		}
		value, changed, err := w.value(inner.Value, from.Value, typed(inner.Value, fields[name]))
		if err != nil {
			return nil, false, err
		}
		if changed {
			out[name], some = value, true
		}
	}
	return out, some, nil
}

// typed gives a list or a map in the result of a MAP the Go type that a param of its own would have.
func typed(literal, result any) any {
	switch literal.(type) {
	case []string:
		items, ok := result.([]any)
		out := make([]string, len(items))
		for i := range items {
			if out[i], ok = items[i].(string); !ok {
				return result
			}
		}
		if ok {
			return out
		}
	case map[string]string:
		fields, ok := result.(map[string]any)
		out := make(map[string]string, len(fields))
		for key, item := range fields {
			if out[key], ok = item.(string); !ok {
				return result
			}
		}
		if ok {
			return out
		}
	}
	return result
}

// text puts secrets into an evaluated text. Its references must be those of the literal, one by one.
func (w *binding) text(literal, result string) (string, bool, error) {
	want := In(literal)
	if len(want) == 0 {
		return "", false, nil
	}
	if !slices.Equal(In(result), want) {
		return "", false, workflow.Errorf(workflow.CodeInternal, "an evaluated text has other references than its definition")
	}
	parts, _ := split(result)
	var out strings.Builder
	for _, p := range parts {
		if p.ref == nil {
			out.WriteString(strings.ReplaceAll(p.text, "$$", "$"))
			continue
		}
		value, err := w.resolve(*p.ref)
		if err != nil {
			return "", false, err
		}
		out.WriteString(value)
	}
	return out.String(), true, nil
}

// allowed refuses a secret that some author may not refer to, and all where nobody is known to have written it.
func (w *binding) allowed(name string) error {
	if len(w.authors) == 0 {
		return workflow.Errorf(workflow.CodeDenied, "nobody is known to have written the reference to the secret %q", name)
	}
	for _, author := range w.authors {
		if !w.Policy.Allows(author, name) {
			return workflow.Errorf(workflow.CodeDenied, "what %q pushes is not allowed the secret %q in this deployment", author, name)
		}
	}
	return nil
}

func (w *binding) resolve(ref Reference) (string, error) {
	if w.Source == nil {
		return "", workflow.Errorf(workflow.CodeNotFound, "this deployment has no secrets")
	}
	if err := w.allowed(ref.Name); err != nil {
		return "", err
	}
	value, err := w.Source.Secret(w.ctx, ref.Name, ref.Version, ref.Stage)
	if err != nil {
		return "", err
	}
	w.mask.Add(value)
	if ref.Key == "" {
		return value, nil
	}
	var fields map[string]json.RawMessage
	raw, known := json.RawMessage(nil), false
	if json.Unmarshal([]byte(value), &fields) == nil {
		raw, known = fields[ref.Key]
	}
	if !known {
		return "", workflow.Errorf(workflow.CodeNotFound, "the secret %q is no JSON object with the key %q", ref.Name, ref.Key)
	}
	field := string(raw)
	var text string
	if json.Unmarshal(raw, &text) == nil {
		field = text
	}
	w.mask.Add(field)
	return field, nil
}
