package expression

import (
	"slices"

	"github.com/expr-lang/expr/ast"
)

// Names under which the patched tree finds our functions; no text can spell them.
const (
	roundCall  = "\x00round"
	boolCall   = "\x00bool"
	unaryCall  = "\x00unary"
	binaryCall = "\x00binary"
	paramsCall = "\x00params"
	staticCall = "\x00static"
)

const (
	allParams = "params"
	utilClass = "Util"
)

// patcher rewrites a tree of expr so that it means what SEL means: operators and conditions become calls of
// ours, functions of params and Util too, and the rounds of predicates are counted. Nodes come bottom up.
type patcher struct {
	text   string
	names  []*ast.IdentifierNode // in order of appearance
	params bool                  // params is read
	bound  map[*ast.IdentifierNode]bool
	err    error
}

// Visit implements ast.Visitor.
func (p *patcher) Visit(node *ast.Node) {
	switch n := (*node).(type) {
	case *ast.IdentifierNode:
		if n.Value == "null" { // as SEL spells nil
			ast.Patch(node, &ast.NilNode{})
			return
		}
		p.identifier(n)
	case *ast.VariableDeclaratorNode:
		p.bind(n)
	case *ast.BinaryNode:
		p.binary(node, n)
	case *ast.UnaryNode:
		p.replace(node, unaryCall, text(n.Operator), n.Node)
	case *ast.ConditionalNode:
		n.Cond = call(n.Cond, boolCall, n.Cond)
	case *ast.PredicateNode:
		n.Node = call(n.Node, roundCall, &ast.IdentifierNode{Value: runName}, n.Node)
	case *ast.MemberNode:
		p.member(node, n)
	case *ast.CallNode:
		p.call(node, n)
	case *ast.BuiltinNode:
		if !slices.Contains(kept, n.Name) {
			p.fail(n, "there is no function "+n.Name)
		}
	}
}

func (p *patcher) fail(node ast.Node, message string) {
	if p.err == nil {
		p.err = faultAt(p.text, message, byteOffset(p.text, node.Location().From))
	}
}

func (p *patcher) identifier(n *ast.IdentifierNode) {
	if n.Value == "$env" {
		p.fail(n, "$env is not available; name the param")
	}
	p.names = append(p.names, n)
}

// bind marks the uses of a variable inside its scope, so that they do not count as params.
func (p *patcher) bind(n *ast.VariableDeclaratorNode) {
	inner := visitor(func(node *ast.Node) {
		if name, ok := (*node).(*ast.IdentifierNode); ok && name.Value == n.Name {
			if p.bound == nil {
				p.bound = map[*ast.IdentifierNode]bool{}
			}
			p.bound[name] = true
		}
	})
	ast.Walk(&n.Expr, inner)
}

type visitor func(*ast.Node)

func (v visitor) Visit(node *ast.Node) { v(node) }

// binary gives operators the meaning that SEL gives them. It refuses a < b < c, which is a conjunction to expr
// alone.
func (p *patcher) binary(node *ast.Node, n *ast.BinaryNode) {
	left, right := operands(n.Left), operands(n.Right)
	if n.Operator == "&&" && left != nil && right != nil && left[1] == right[0] {
		p.fail(n.Right, "two comparisons in a row; write a < b && b < c")
	}
	switch n.Operator {
	case "+", "-", "*", "/", "%", "==", "!=", "<", ">", "<=", ">=":
		p.replace(node, binaryCall, text(n.Operator), n.Left, n.Right)
	case "&&", "||", "and", "or":
		n.Left, n.Right = call(n.Left, boolCall, n.Left), call(n.Right, boolCall, n.Right)
	}
}

// operands returns both sides of an operator that was rewritten; nil for other nodes.
func operands(node ast.Node) []ast.Node {
	if n, ok := node.(*ast.CallNode); ok && len(n.Arguments) == 3 && n.Callee.(*ast.IdentifierNode).Value == binaryCall {
		return n.Arguments[1:]
	}
	return nil
}

// member reads params.name and params["name"]; of anything else it is expr's own.
func (p *patcher) member(node *ast.Node, n *ast.MemberNode) {
	if owner, ok := n.Node.(*ast.IdentifierNode); ok && owner.Value == allParams {
		p.drop(owner)
		p.replace(node, paramsCall, &ast.IdentifierNode{Value: runName}, text("get"), n.Property)
	}
}

// drop takes the name that was just visited out of the names.
func (p *patcher) drop(owner *ast.IdentifierNode) {
	p.names = slices.DeleteFunc(p.names, func(n *ast.IdentifierNode) bool { return n == owner })
	p.params = p.params || owner.Value == allParams
}

func (p *patcher) call(node *ast.Node, n *ast.CallNode) {
	switch callee := n.Callee.(type) {
	case *ast.IdentifierNode:
		if _, ok := functions[callee.Value]; ok {
			p.drop(callee)
			if timed[callee.Value] {
				n.Arguments = append([]ast.Node{&ast.IdentifierNode{Value: runName}}, n.Arguments...)
			}
			return
		}
		p.fail(callee, "there is no function "+callee.Value)
	case *ast.CallNode: // params.name, which member rewrote, is called
		if inner, ok := callee.Callee.(*ast.IdentifierNode); ok && inner.Value == paramsCall {
			arguments := append([]ast.Node{callee.Arguments[0], callee.Arguments[2]}, n.Arguments...)
			p.replace(node, paramsCall, arguments...)
			return
		}
		p.fail(n, "only functions can be called")
	case *ast.MemberNode:
		owner, ok := callee.Node.(*ast.IdentifierNode)
		if !ok || owner.Value != utilClass {
			p.fail(callee, "only functions, params and Util can be called")
			return
		}
		p.drop(owner)
		arguments := append([]ast.Node{&ast.IdentifierNode{Value: runName}, callee.Property}, n.Arguments...)
		p.replace(node, staticCall, arguments...)
	default:
		p.fail(n, "only functions can be called")
	}
}

func (p *patcher) replace(node *ast.Node, name string, arguments ...ast.Node) {
	*node = call(*node, name, arguments...)
}

func call(at ast.Node, name string, arguments ...ast.Node) ast.Node {
	node := &ast.CallNode{Callee: &ast.IdentifierNode{Value: name}, Arguments: arguments}
	node.SetLocation(at.Location())
	return node
}

func text(value string) ast.Node { return &ast.StringNode{Value: value} }

// check finds objects that are used as values.
func (p *patcher) check() error {
	for _, name := range p.names {
		if !p.bound[name] && (name.Value == allParams || name.Value == utilClass) {
			p.fail(name, name.Value+" is not a value; call one of its functions")
		}
	}
	return p.err
}

// refs returns the free names in order of first use.
func (p *patcher) refs() []string {
	var out []string
	for _, name := range p.names {
		if !p.bound[name] && !slices.Contains(out, name.Value) {
			out = append(out, name.Value)
		}
	}
	if p.params {
		out = append(out, allParams)
	}
	return out
}
