// Package dag knows the shape of one level of a workflow: which step follows which, and what lies before or
// behind a step.
//
// It may import only the nouns, and it is pure. A graph is immutable once built, so it may be shared between
// goroutines and cached with its version. A built graph has no cycle, no duplicate id and no edge to a step
// that does not exist.
//
// Steps are known by ordinal: their place in the definition, counted from 0. Definition order and not a
// topological order, because people see the ordinals (in overviews, rollups and packed run state) and count them
// in the text that they wrote; whoever needs dependencies before dependents asks Order.
package dag
