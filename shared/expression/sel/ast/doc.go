// Package ast turns the text of a SEL program into a tree: lexer, parser and the node types.
//
// SEL is a small Java-like language without functions, casts or exceptions; shared/expression/sel
// says what a tree means. The tree is exported because a second reader translates single
// expressions to another language. It imports the standard library only.
//
// Guarantee: Parse returns a tree or an *Error, whatever the text is. Nesting is bounded by the
// caller's depth, so neither the parser nor a reader of the tree can run out of stack; a left-deep
// chain such as a+b+c is bounded by the length of the text alone. A tree is never changed after
// Parse has returned it and may be read by many goroutines.
//
// The parser is written by hand, one method for one rule of the grammar, because it is shorter than
// any generator's input and tables, and because its messages can say what was expected.
package ast
