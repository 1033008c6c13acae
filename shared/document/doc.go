// Package document reads what people write, JSON or YAML, into one tree of nodes that know where they stand,
// and helps to turn such a tree into nouns with every fault reported at once.
//
// It may import the nouns for their error type, and go.yaml.in/yaml/v3 for the syntax of YAML. It is pure.
//
// Guarantee: whatever the bytes are, the answer is a tree or one workflow.Error of CodeInvalid, never a panic, in
// time and memory proportional to the text. Nesting, aliases and numbers are bounded. A text that two readers could
// understand differently (a key given twice, broken UTF-8, a NUL character) is refused.
//
// Why a scanner of its own for JSON: the standard decoder reports byte offsets only, accepts a key that is given
// twice, and mends broken text silently. Here every node has its line and column, and both formats end in the
// same tree, so that the rules about definitions are written once.
package document
