package ast

// kind is the class of a token.
type kind int

const (
	end kind = iota
	identifier
	keyword
	operator
	stringLiteral
	longLiteral
	doubleLiteral
)

// token is one word of the text. Text is the word as written; value is what a literal stands for.
type token struct {
	Pos
	kind  kind
	text  string
	value any
}

// describe names a token in messages. Literals are named by kind: their text may be private.
func (t token) describe() string {
	switch t.kind {
	case end:
		return "the end of the text"
	case stringLiteral:
		return "a string"
	case longLiteral, doubleLiteral:
		return "a number"
	}
	return "'" + t.text + "'"
}

// keywords are the reserved words of Java; SEL reserves all of them and uses few.
var keywords = set(
	"abstract", "assert", "boolean", "break", "byte", "case", "catch", "char", "class", "const",
	"continue", "default", "do", "double", "else", "enum", "extends", "false", "final", "finally",
	"float", "for", "goto", "if", "implements", "import", "instanceof", "int", "interface", "long",
	"native", "new", "null", "package", "private", "protected", "public", "return", "short", "static",
	"strictfp", "super", "switch", "synchronized", "this", "throw", "throws", "transient", "true",
	"try", "void", "volatile", "while",
)

// primitives are the keywords that may begin a declaration.
var primitives = set("boolean", "int", "long", "float", "double")

// assignments are the operators that store.
var assignments = set("=", "+=", "-=", "*=", "/=", "%=")

func set(words ...string) map[string]bool {
	m := make(map[string]bool, len(words))
	for _, w := range words {
		m[w] = true
	}
	return m
}
