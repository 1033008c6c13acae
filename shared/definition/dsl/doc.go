// Package dsl translates Maestro's YAML language for workflows into the shape of the JSON API.
//
// It may import document and the nouns. It is pure.
//
// Translation goes from tree to tree, not from tree to noun: every node of the result stands where the user wrote
// its origin, so the one set of rules in package definition checks both languages and still points into the text
// that the user knows.
//
// A key that the language does not know is a param. What Maestro refuses needlessly is accepted: an integer for a
// stated double, and an empty list or map for any stated type of list or map.
package dsl
