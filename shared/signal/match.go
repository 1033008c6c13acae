package signal

import (
	"bytes"
	"encoding/json"
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Match is one condition on a param.
type Match struct {
	Param    string `json:"param"`
	Operator string `json:"operator"` // = > >= < <=
	Value    any    `json:"value"`    // string or int64
}

// UnmarshalJSON keeps integers exact. It fails for values that no signal carries.
func (m *Match) UnmarshalJSON(data []byte) error {
	type plain Match
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	if err := decoder.Decode((*plain)(m)); err != nil {
		return err
	}
	var err error
	m.Value, err = Exact(m.Value)
	return err
}

// Equal is the operator of equality.
const Equal = "="

// Matches are conditions that must all hold, of which at most one compares a range.
type Matches []Match

// Hold tells whether params satisfy all conditions. A missing param, or one of another type, satisfies none.
func (m Matches) Hold(params Params) bool {
	for _, match := range m {
		if !match.holds(params) {
			return false
		}
	}
	return true
}

func (m Match) holds(params Params) bool {
	value, ok := params[m.Param]
	if !ok {
		return false
	}
	order, ok := compare(value, m.Value)
	if !ok {
		return false
	}
	switch m.Operator {
	case Equal:
		return order == 0
	case ">":
		return order > 0
	case ">=":
		return order >= 0
	case "<":
		return order < 0
	case "<=":
		return order <= 0
	}
	return false
}

// Before tells whether the value of the condition's param in a is lower than in b.
func (m Match) Before(a, b Params) bool {
	order, ok := compare(a[m.Param], b[m.Param])
	return ok && order < 0
}

// Check returns CodeInvalid for conditions that cannot be looked up: a value out of bounds, a param with two
// conditions, more than one range.
func (m Matches) Check() error {
	seen, ranges := map[string]bool{}, 0
	for _, match := range m {
		if err := CheckValue(match.Value); err != nil {
			return err
		}
		if match.Operator != Equal {
			ranges++
		}
		if seen[match.Param] || ranges > 1 {
			return workflow.Errorf(workflow.CodeInvalid, "conditions on a signal name each param once, and compare one range at most")
		}
		seen[match.Param] = true
	}
	return nil
}

// Range returns the condition that compares a range, and whether there is one.
func (m Matches) Range() (Match, bool) {
	i := slices.IndexFunc(m, func(match Match) bool { return match.Operator != Equal })
	if i < 0 {
		return Match{}, false
	}
	return m[i], true
}

// values returns the params that the conditions want to be equal, with their values.
func (m Matches) values() Params {
	out := Params{}
	for _, match := range m {
		if match.Operator == Equal {
			out[match.Param] = match.Value
		}
	}
	return out
}

// Equals returns those of the conditions that want equality.
func (m Matches) Equals() Matches {
	return slices.DeleteFunc(slices.Clone(m), func(match Match) bool { return match.Operator != Equal })
}
