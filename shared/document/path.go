package document

import (
	"regexp"
	"strconv"
	"strings"
)

// Path is the way from the root of a document to a value. Nil is the root. Paths share their beginnings.
type Path struct {
	parent *Path
	key    string
	index  int // in a list; -1 in an object
}

// Key returns the path to a field of the object at p.
func (p *Path) Key(key string) *Path { return &Path{parent: p, key: key, index: -1} }

// Index returns the path to an item of the list at p.
func (p *Path) Index(i int) *Path { return &Path{parent: p, index: i} }

var plainKey = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// String writes the path in the notation of JSONPath.
func (p *Path) String() string {
	var out strings.Builder
	p.write(&out)
	return out.String()
}

func (p *Path) write(out *strings.Builder) {
	if p == nil {
		out.WriteByte('$')
		return
	}
	p.parent.write(out)
	switch {
	case p.index >= 0:
		out.WriteString("[" + strconv.Itoa(p.index) + "]")
	case plainKey.MatchString(p.key):
		out.WriteString("." + p.key)
	default:
		out.WriteString("[" + strconv.Quote(p.key) + "]")
	}
}

// Locate returns the place of the value at the path, or of the nearest value around it.
func (n *Node) Locate(p *Path) Position {
	node, _ := n.locate(p)
	return node.Position
}

// locate returns the nearest node and whether it is the very one.
func (n *Node) locate(p *Path) (*Node, bool) {
	if p == nil {
		return n, true
	}
	parent, ok := n.locate(p.parent)
	if !ok {
		return parent, false
	}
	if p.index >= 0 && p.index < len(parent.Items) {
		return parent.Items[p.index], true
	}
	if child := parent.Get(p.key); p.index < 0 && child != nil {
		return child, true
	}
	return parent, false
}
