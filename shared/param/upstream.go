package param

import (
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// DefaultSeparator stands between step id and param name in a name such as step1__date.
const DefaultSeparator = "__"

func (r Runtime) separator() string {
	if r.Separator == "" {
		return DefaultSeparator
	}
	return r.Separator
}

// reading is one way to read a name as step id and param name.
type reading struct{ step, param string }

// readings lists all ways: a___b is a and _b, or a_ and b.
func readings(name, separator string) []reading {
	var out []reading
	for i := 1; i+len(separator) < len(name); i++ {
		if strings.HasPrefix(name[i:], separator) {
			out = append(out, reading{name[:i], name[i+len(separator):]})
		}
	}
	return out
}

// ofStep resolves a name with a separator; false when the name has none.
func (s *stepScope) ofStep(name string) (any, bool, error) {
	ways := readings(name, s.scope.Runtime.separator())
	if len(ways) == 0 {
		return nil, false, nil
	}
	var meant []reading
	for _, way := range ways {
		ok, err := s.exists(way)
		if err != nil {
			return nil, false, err
		}
		if ok {
			meant = append(meant, way)
		}
	}
	switch len(meant) {
	case 0:
		return nil, false, invalidf("%q names no param of a step that ran before", name)
	case 1:
		value, err := s.upstream(meant[0].step, meant[0].param)
		return value, err == nil, err
	}
	return nil, false, invalidf("%q is ambiguous: step %q has param %q and step %q has param %q",
		name, meant[0].step, meant[0].param, meant[1].step, meant[1].param)
}

func (s *stepScope) exists(way reading) (bool, error) {
	if way.step == s.scope.Identity.Step {
		return s.scope.Params.Has(way.param), nil
	}
	if s.scope.Upstream == nil {
		return false, nil
	}
	finished, ok, err := s.scope.Upstream(way.step)
	return ok && finished.Params.Has(way.param), err
}

// upstream reads a param of a step that is complete, or of the own step.
func (s *stepScope) upstream(step, name string) (any, error) {
	if step == s.scope.Identity.Step {
		return s.own(name)
	}
	if s.scope.Upstream == nil {
		return nil, invalidf("there is no step %q before this one", step)
	}
	finished, ok, err := s.scope.Upstream(step)
	if err != nil {
		return nil, err
	}
	if !ok {
		return nil, invalidf("there is no step %q before this one", step)
	}
	switch name {
	case "MAESTRO_STEP_STATUS":
		return finished.Status.String(), nil
	case "MAESTRO_STEP_END_TIME":
		return finished.EndTime, nil
	}
	if !finished.Complete {
		return nil, invalidf("step %q is not complete, so its params cannot be read; its status is %s", step, finished.Status)
	}
	return evaluatedParam(finished.Params, step, name)
}

func (s *stepScope) own(name string) (any, error) {
	p, ok := s.scope.Params.Get(name)
	if !ok {
		return nil, invalidf("step %q has no param %q", s.scope.Identity.Step, name)
	}
	if err := s.one(name, p); err != nil {
		return nil, err
	}
	return data(p.Result), nil
}

func evaluatedParam(params *workflow.Params, step, name string) (any, error) {
	p, ok := params.Get(name)
	if !ok || !p.Evaluated {
		return nil, invalidf("step %q has no param %q", step, name)
	}
	return data(p.Result), nil
}
