// Package param turns the params of a definition into the evaluated params of a run: layers, merge rules,
// modes, interpolation, expressions.
package param
