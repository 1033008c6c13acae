package param

import (
	"encoding/json"
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

func invalidf(format string, args ...any) error {
	return workflow.Errorf(workflow.CodeInvalid, format, args...)
}

// rank orders modes from loose to strict; "" is the loosest.
func rank(mode workflow.ParamMode) int {
	return max(slices.Index(workflow.ParamModes, mode), 0)
}

func stricter(a, b workflow.ParamMode) workflow.ParamMode {
	if rank(b) > rank(a) {
		return b
	}
	return a
}

// modeOf returns the mode that counts; RESERVED acts as CONSTANT.
func modeOf(p *workflow.Param) workflow.ParamMode {
	switch {
	case p.InternalMode == workflow.Reserved:
		return workflow.Constant
	case p.Mode == "":
		return workflow.Mutable
	}
	return p.Mode
}

// changeable returns the modes that a layer may still change.
func changeable(how Layer) []workflow.ParamMode {
	switch {
	case how.Source == workflow.SourceOutputParameter:
		return []workflow.ParamMode{workflow.Mutable}
	case how.Source == workflow.SourceRestart, how.Restart && how.upstream():
		return []workflow.ParamMode{workflow.Mutable, workflow.MutableOnStartRestart}
	}
	return []workflow.ParamMode{workflow.Mutable, workflow.MutableOnStart, workflow.MutableOnStartRestart}
}

// checkMode decides whether a layer may change a param that is held by a mode.
func checkMode(name string, held, wanted workflow.ParamMode, how Layer) error {
	if !slices.Contains(changeable(how), held) {
		return invalidf("cannot change param %q with mode %s by %s", name, held, how.Source)
	}
	if wanted != "" && rank(wanted) < rank(held) && !how.upstream() {
		return invalidf("cannot change the mode of param %q to %s, which is less strict than %s", name, wanted, held)
	}
	return nil
}

// same tells whether a merge changed nothing that modes protect: value, expression, mode and tags.
func same(old, merged *workflow.Param) bool {
	return old.HasExpr == merged.HasExpr && old.Expression == merged.Expression &&
		modeName(old.Mode) == modeName(merged.Mode) && len(old.Tags) == len(merged.Tags) &&
		sameValue(old.Value, merged.Value)
}

func modeName(mode workflow.ParamMode) workflow.ParamMode {
	if mode == "" {
		return workflow.Mutable
	}
	return mode
}

func sameValue(a, b any) bool {
	x, ok := a.(*workflow.Params)
	y, too := b.(*workflow.Params)
	if !ok || !too {
		left, _ := json.Marshal(a) // literals always encode, and maps in the order of their keys
		right, _ := json.Marshal(b)
		return string(left) == string(right)
	}
	if x.Len() != y.Len() {
		return false
	}
	for name, p := range x.All() {
		q, ok := y.Get(name)
		if !ok || p.Type != q.Type || !same(p, q) {
			return false
		}
	}
	return true
}
