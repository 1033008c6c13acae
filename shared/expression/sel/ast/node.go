package ast

// Pos is the place of a node in the text; both numbers start at 1, columns count characters.
type Pos struct{ Line, Column int }

// Position returns the place itself, so that every node that embeds a Pos has the method.
func (p Pos) Position() Pos { return p }

// Node is a part of the tree.
type Node interface{ Position() Pos }

// Expr is an expression: Literal, Name, Unary, Binary, Conditional, Index, Field, Call, New,
// NewArray or Assign.
type Expr interface {
	Node
	expr()
}

// Type is a type name as it is written, such as int or String, and whether [] follows it.
type Type struct {
	Name  string
	Array bool
}

type (
	// Literal is a constant. Value is nil, a string, an int64, a float64 or a bool.
	Literal struct {
		Pos
		Value any
	}
	// Name is an identifier in the place of a value: a local, a param or a class.
	Name struct {
		Pos
		Name string
	}
	// Unary is an operator - + or ! before an operand.
	Unary struct {
		Pos
		Op string
		X  Expr
	}
	// Binary is an operator between two operands: arithmetic, comparison, && or ||.
	Binary struct {
		Pos
		Op   string
		X, Y Expr
	}
	// Conditional is the ternary operator.
	Conditional struct {
		Pos
		Cond, Then, Else Expr
	}
	// Index is X[Index].
	Index struct {
		Pos
		X, Index Expr
	}
	// Field is X.Name without a call.
	Field struct {
		Pos
		X    Expr
		Name string
	}
	// Call is X.Name(Args...).
	Call struct {
		Pos
		X    Expr
		Name string
		Args []Expr
	}
	// New is the call of a constructor.
	New struct {
		Pos
		Type Type
		Args []Expr
	}
	// NewArray makes an array: with a Length, or with Elements when Length is nil. Type is the
	// type of one element.
	NewArray struct {
		Pos
		Type     Type
		Length   Expr
		Elements []Expr
	}
	// Assign stores Value in Target, a *Name or an *Index of a *Name. Op is = += -= *= /= or %=.
	Assign struct {
		Pos
		Target Expr
		Op     string
		Value  Expr
	}
)

func (*Literal) expr()     {}
func (*Name) expr()        {}
func (*Unary) expr()       {}
func (*Binary) expr()      {}
func (*Conditional) expr() {}
func (*Index) expr()       {}
func (*Field) expr()       {}
func (*Call) expr()        {}
func (*New) expr()         {}
func (*NewArray) expr()    {}
func (*Assign) expr()      {}

// Stmt is a statement: Block, Declare, Evaluate, If, While, For, Break, Continue, Return or Throw.
type Stmt interface {
	Node
	stmt()
}

// Variable is one name of a declaration; Value is nil when there is no initialiser.
type Variable struct {
	Pos
	Name  string
	Value Expr
}

type (
	// Block is a list of statements in braces. It opens no scope.
	Block struct {
		Pos
		List []Stmt
	}
	// Declare introduces variables of one type.
	Declare struct {
		Pos
		Type      Type
		Variables []Variable
	}
	// Evaluate is an expression in the place of a statement.
	Evaluate struct {
		Pos
		X Expr
	}
	// If runs Then or Else; Else may be nil.
	If struct {
		Pos
		Cond       Expr
		Then, Else Stmt
	}
	// While repeats Body as long as Cond holds.
	While struct {
		Pos
		Cond Expr
		Body Stmt
	}
	// For is the classic loop. Init is a *Declare, an *Evaluate or nil; Cond and Update may be nil.
	For struct {
		Pos
		Init   Stmt
		Cond   Expr
		Update Expr
		Body   Stmt
	}
	// Break leaves the innermost loop.
	Break struct{ Pos }
	// Continue starts the next iteration of the innermost loop.
	Continue struct{ Pos }
	// Return ends the program with the value of X.
	Return struct {
		Pos
		X Expr
	}
	// Throw ends the program with the text X.
	Throw struct {
		Pos
		X Expr
	}
)

func (*Block) stmt()    {}
func (*Declare) stmt()  {}
func (*Evaluate) stmt() {}
func (*If) stmt()       {}
func (*While) stmt()    {}
func (*For) stmt()      {}
func (*Break) stmt()    {}
func (*Continue) stmt() {}
func (*Return) stmt()   {}
func (*Throw) stmt()    {}
