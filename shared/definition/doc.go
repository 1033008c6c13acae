// Package definition turns what users push into nouns: definitions, properties and the other request bodies, as
// JSON, as YAML of the same shape, or in Maestro's YAML language.
//
// It may import the nouns, document, dag and its own dsl. It is pure.
//
// Guarantee: a parsed definition obeys every rule that can be checked without evaluating an expression, so the
// engine need not check again; what is refused is refused with all its faults at once, each with its path, line and
// column, what is wrong and what would be right. Parsing what a noun marshals gives the same noun.
//
// Each object is read by a Shape, a table from field to function, so that a reader finds a field's rule by its
// name. Rules that look at several steps at once work on drafts: a step with the value it was read from, because
// only that knows its place in the text. Expressions are not looked into here; Expressions lists them for the package
// that compiles them.
package definition
