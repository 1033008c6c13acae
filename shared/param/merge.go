package param

import (
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Layer says who adds params.
type Layer struct {
	Source  workflow.ParamSource
	Restart bool // the run is a restart: upstream layers meet the rules of RESTART
}

func (l Layer) system() bool {
	switch l.Source {
	case workflow.SourceSystem, workflow.SourceTemplateSchema, workflow.SourceSystemInjected, workflow.SourceSystemDefault:
		return true
	}
	return false
}

// upstream tells whether a step of another instance passes its params down.
func (l Layer) upstream() bool {
	switch l.Source {
	case workflow.SourceSubworkflow, workflow.SourceForeach, workflow.SourceWhile, workflow.SourceTemplate:
		return true
	}
	return false
}

// Merge lays layer over base and returns the result; neither is changed.
// It returns CodeInvalid, with mode and param named, when a param may not be changed so.
func Merge(base, layer *workflow.Params, how Layer) (*workflow.Params, error) {
	out, err := mergeAll(base, layer, how, "")
	if err != nil {
		return nil, err
	}
	return out, nil
}

// mergeAll merges one level; floor is the strictest mode of the maps around it.
func mergeAll(base, layer *workflow.Params, how Layer, floor workflow.ParamMode) (*workflow.Params, error) {
	out := base.Clone()
	return out, mergeInto(out, layer, how, floor)
}

// mergeInto is mergeAll in place: it replaces params of out and changes none.
func mergeInto(out, layer *workflow.Params, how Layer, floor workflow.ParamMode) error {
	for name, fresh := range layer.All() {
		if fresh == nil {
			continue
		}
		if err := checkUntouched(name, fresh, how); err != nil {
			return err
		}
		old, ok := out.Get(name)
		if !ok {
			out.Set(name, adopt(fresh, how.Source))
			continue
		}
		merged, err := mergeOne(name, old, fresh, how, floor)
		if err != nil {
			return err
		}
		out.Set(name, merged)
	}
	return nil
}

// checkUntouched refuses fields that only system layers set.
func checkUntouched(name string, p *workflow.Param, how Layer) error {
	if how.system() || how.upstream() {
		return nil
	}
	if p.Source != "" {
		return invalidf("param %q must not set its source", name)
	}
	if p.InternalMode != "" {
		return invalidf("param %q must not set its internal mode", name)
	}
	return nil
}

// adopt copies a definition as the layer's own, nested ones too.
func adopt(p *workflow.Param, source workflow.ParamSource) *workflow.Param {
	out := p.Clone()
	out.Source, out.Evaluated, out.Result, out.EvaluatedAt = source, false, nil, 0
	if nested, ok := out.Value.(*workflow.Params); ok {
		for name, inner := range nested.All() {
			nested.Set(name, adopt(inner, source))
		}
	}
	return out
}

func mergeOne(name string, old, fresh *workflow.Param, how Layer, floor workflow.ParamMode) (*workflow.Param, error) {
	injected := how.upstream() && fresh.Source == workflow.SourceSystemInjected
	held := stricter(modeOf(old), floor)
	out := old.Clone()
	if err := mergeValue(name, out, fresh, how, held); err != nil {
		return nil, err
	}
	if fresh.Mode != "" {
		out.Mode = fresh.Mode
	}
	out.Tags = unionTags(out.Tags, fresh.Tags)
	if !same(old, out) && !how.system() && !injected {
		if err := checkMode(name, held, fresh.Mode, how); err != nil {
			return nil, err
		}
	}
	if rank(out.Mode) < rank(old.Mode) {
		out.Mode = old.Mode // only upstream layers get here: they keep the stricter mode
	}
	if fresh.Validator != "" {
		out.Validator = fresh.Validator
	}
	if out.InternalMode == "" {
		out.InternalMode = fresh.InternalMode
	}
	for key, value := range fresh.Meta.All() {
		out.SetMeta(key, value)
	}
	out.Source = how.Source
	return out, nil
}

// mergeValue puts the value or expression of fresh into out, cast to the type of out.
func mergeValue(name string, out, fresh *workflow.Param, how Layer, held workflow.ParamMode) error {
	if !fresh.Defined() {
		return nil
	}
	isMap := out.Type == workflow.Map || out.Type == workflow.StringMap
	if isMap && out.Defined() && out.HasExpr != fresh.HasExpr {
		return invalidf("param %q: a literal and an expression of type %s cannot merge; both must be of one kind (literal expected)", name, out.Type)
	}
	out.Evaluated, out.Result, out.EvaluatedAt = false, nil, 0
	if fresh.HasExpr {
		out.Value, out.HasExpr, out.Expression = nil, true, fresh.Expression
		return nil
	}
	value, err := castLiteral(out.Type, fresh.Value)
	if err != nil {
		return invalidf("param %q: type mismatch: %s", name, workflow.TextOf(err))
	}
	out.HasExpr, out.Expression = false, ""
	switch base := out.Value.(type) {
	case *workflow.Params:
		out.Value, err = mergeAll(base, value.(*workflow.Params), how, held)
		return err
	case map[string]string:
		out.Value = overlay(base, value.(map[string]string))
	default:
		out.Value = value
		if nested, ok := value.(*workflow.Params); ok {
			out.Value, err = mergeAll(&workflow.Params{}, nested, how, held)
		}
	}
	return err
}

func overlay(base, top map[string]string) map[string]string {
	out := make(map[string]string, len(base)+len(top))
	for key, value := range base {
		out[key] = value
	}
	for key, value := range top {
		out[key] = value
	}
	return out
}

// unionTags keeps the old order and appends what is new.
func unionTags(old, fresh []workflow.Tag) []workflow.Tag {
	out := slices.Clone(old)
	for _, tag := range fresh {
		if !slices.ContainsFunc(out, func(t workflow.Tag) bool { return t.Name == tag.Name }) {
			out = append(out, tag)
		}
	}
	return out
}

// Cleanup ends merging: optional params without value go, internal modes are erased. Its input stays as it is.
// It returns CodeInvalid for another param without value or expression.
func Cleanup(params *workflow.Params) (*workflow.Params, error) {
	out := workflow.CloneParams(params)
	if err := cleanup(out); err != nil {
		return nil, err
	}
	return out, nil
}

// cleanup is Cleanup in place.
func cleanup(params *workflow.Params) error {
	var dropped []string
	for name, p := range params.All() {
		if nested, ok := p.Value.(*workflow.Params); ok {
			if err := cleanup(nested); err != nil {
				return err
			}
		}
		if p.InternalMode == workflow.Optional && empty(p) {
			dropped = append(dropped, name)
			continue
		}
		if !p.Defined() {
			return invalidf("required param %q of type %s has no value and no expression", name, p.Type)
		}
		p.InternalMode = ""
	}
	for _, name := range dropped {
		params.Delete(name)
	}
	return nil
}

func empty(p *workflow.Param) bool {
	nested, ok := p.Value.(*workflow.Params)
	return !p.Defined() || ok && nested.Len() == 0
}
