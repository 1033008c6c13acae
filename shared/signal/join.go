package signal

import (
	"maps"
	"slices"

	"github.com/segue-workflows/segue/shared/workflow"
)

// State is how far a trigger is in each of its signals.
type State struct {
	Used  map[string]int64 `json:"used"`           // by name: signals up to this number are consumed, or older than the trigger
	Seen  map[string]int64 `json:"seen,omitempty"` // by name: signals up to this one were looked at, and found no partners
	Fired int64            `json:"fired,omitempty"`
	Open  []Firing         `json:"open,omitempty"` // recorded, and not known to have started its run
}

// Firing is one match: which signal of each name it consumes.
type Firing struct {
	Number  int64            `json:"n"`
	Signals map[string]int64 `json:"s"`
	Request string           `json:"q,omitempty"` // the request id of its run
	Params  *workflow.Params `json:"p,omitzero"`  // of the trigger, evaluated: the run is given them
}

// Names returns the signals of a trigger, in order.
func Names(trigger *workflow.SignalTrigger) []string {
	return slices.Sorted(slices.Values(trigger.Definitions.Keys()))
}

// Wanted returns the conditions of a trigger on the signal of a name.
func Wanted(trigger *workflow.SignalTrigger, name string) Matches {
	definition, _ := trigger.Definitions.Get(name)
	if definition == nil {
		return nil
	}
	var out Matches
	for param, match := range definition.MatchParams.All() {
		out = append(out, Match{Param: param, Operator: match.Operator, Value: match.Value})
	}
	return out
}

// Partners returns the conditions on the signals of the other names when the one of name says params. ok is false
// when a join key is missing: then no other signal can be its partner.
func Partners(trigger *workflow.SignalTrigger, name string, params Params) (wanted map[string]Matches, ok bool) {
	own, _ := trigger.Definitions.Get(name)
	wanted = map[string]Matches{}
	for other, definition := range trigger.Definitions.All() {
		if other == name {
			continue
		}
		conditions := Wanted(trigger, other)
		for i, key := range own.JoinKeys {
			value, found := params[key]
			if !found {
				return nil, false
			}
			conditions = append(conditions, Match{Param: definition.JoinKeys[i], Operator: Equal, Value: value})
		}
		wanted[other] = conditions
	}
	for _, key := range own.JoinKeys {
		if _, found := params[key]; !found {
			return nil, false
		}
	}
	return wanted, true
}

// Shapes returns the shapes by which the signals of a name are looked up for a trigger: as candidates, and as
// partners. Neither is sorted by a range, because a trigger takes the oldest.
func Shapes(trigger *workflow.SignalTrigger, name string) []Shape {
	definition, _ := trigger.Definitions.Get(name)
	wanted := Wanted(trigger, name).Equals()
	out := []Shape{ShapeOf(wanted)}
	if trigger.Definitions.Len() == 1 || len(definition.JoinKeys) == 0 {
		return out
	}
	for _, key := range definition.JoinKeys {
		wanted = append(wanted, Match{Param: key, Operator: Equal, Value: ""})
	}
	return append(out, ShapeOf(wanted))
}

// Subscribed returns the state of a trigger that listens from now on, when last are the newest signals.
func Subscribed(last map[string]int64) *State { return &State{Used: maps.Clone(last)} }

// From returns the first number of a name that the trigger has not looked at.
func (s *State) From(name string) int64 { return max(s.Used[name], s.Seen[name]) + 1 }

// See notes that the signals of a name up to seq have no partners yet: those that come later look for them.
func (s *State) See(name string, seq int64) {
	if s.Seen == nil {
		s.Seen = map[string]int64{}
	}
	s.Seen[name] = max(s.Seen[name], seq)
}

// Fire consumes the signals, and all older ones. It returns false, and changes nothing, when one of them is
// consumed already.
func (s *State) Fire(signals map[string]int64) bool {
	for name, seq := range signals {
		if seq <= s.Used[name] {
			return false
		}
	}
	s.Fired++
	s.Open = append(s.Open, Firing{Number: s.Fired, Signals: maps.Clone(signals)})
	maps.Copy(s.Used, signals)
	return true
}

// Started forgets a firing whose run is there, or will never be.
func (s *State) Started(number int64) bool {
	before := len(s.Open)
	s.Open = slices.DeleteFunc(s.Open, func(f Firing) bool { return f.Number == number })
	return len(s.Open) != before
}
