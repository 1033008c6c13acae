package param

import (
	"maps"
	"slices"
)

// sortedKeys keeps the order of Go maps out of results.
func sortedKeys[V any](m map[string]V) []string { return slices.Sorted(maps.Keys(m)) }
