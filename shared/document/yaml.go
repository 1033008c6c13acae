package document

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// ParseYAML reads a YAML text that holds one document. It returns CodeInvalid, with the place, for any other.
// Merge keys are refused: what they mean depends on who reads them.
func ParseYAML(text []byte) (*Node, error) {
	if err := checkText(text); err != nil {
		return nil, err
	}
	if err := checkIndents(text); err != nil {
		return nil, err
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var first, second yaml.Node
	err := decodeYAML(decoder, &first)
	if errors.Is(err, io.EOF) {
		return nil, syntaxError(text, Position{1, 1}, "the document is empty")
	}
	if err != nil {
		return nil, yamlError(text, err)
	}
	if err = decodeYAML(decoder, &second); err == nil {
		return nil, syntaxError(text, Position{second.Line, second.Column}, "found a second document, want one")
	} else if !errors.Is(err, io.EOF) {
		return nil, yamlError(text, err)
	}
	r := &yamlReader{text: text}
	root := r.read(first.Content[0], 0)
	if r.err != nil {
		return nil, r.err
	}
	return root, nil
}

// decodeYAML guards against defects of the library: a text must never end the program.
func decodeYAML(decoder *yaml.Decoder, into *yaml.Node) (err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = fmt.Errorf("the text cannot be read as YAML")
		}
	}()
	return decoder.Decode(into)
}

// checkIndents refuses depth that the library would follow by recursion before we see a node.
func checkIndents(text []byte) error {
	depth := 0
	for offset, c := range text {
		switch c {
		case '[', '{':
			if depth++; depth > maxBrackets {
				return syntaxError(text, positionOf(text, offset), "the document is nested deeper than %d levels", MaxDepth)
			}
		case ']', '}':
			depth = max(depth-1, 0)
		}
	}
	return nil
}

// maxBrackets is far above MaxDepth because brackets also stand inside strings, where they need not balance.
const maxBrackets = 5000

var yamlLine = regexp.MustCompile(`^yaml: line (\d+): (.*)$`)

// yamlError turns the library's error into one with a place. The library counts lines of some errors from 0; the
// nearest line is good enough there.
func yamlError(text []byte, err error) error {
	at, message := Position{1, 1}, strings.TrimPrefix(err.Error(), "yaml: ")
	if found := yamlLine.FindStringSubmatch(err.Error()); found != nil {
		line, _ := strconv.Atoi(found[1])
		at, message = Position{max(line, 1), 1}, found[2]
	}
	return syntaxError(text, at, "the text is not YAML: %s", message)
}

// yamlReader turns the library's nodes into ours. After the first error it does nothing.
type yamlReader struct {
	text  []byte
	err   error
	nodes int
}

func (r *yamlReader) fail(at *yaml.Node, format string, args ...any) {
	if r.err == nil {
		r.err = syntaxError(r.text, Position{max(at.Line, 1), max(at.Column, 1)}, format, args...)
	}
}

func (r *yamlReader) read(source *yaml.Node, depth int) *Node {
	node := &Node{Position: Position{source.Line, source.Column}}
	if r.nodes++; r.nodes > MaxNodes {
		r.fail(source, "the document has more than %d values; are aliases nested in each other?", MaxNodes)
	}
	if depth >= MaxDepth {
		r.fail(source, "the document is nested deeper than %d levels", MaxDepth)
	}
	if r.err != nil {
		return node
	}
	switch source.Kind {
	case yaml.AliasNode:
		return r.read(source.Alias, depth+1)
	case yaml.SequenceNode:
		node.Kind = Array
		for _, item := range source.Content {
			node.Items = append(node.Items, r.read(item, depth+1))
		}
	case yaml.MappingNode:
		r.mapping(source, node, depth)
	default:
		r.scalar(source, node)
	}
	return node
}

func (r *yamlReader) mapping(source *yaml.Node, node *Node, depth int) {
	node.Kind = Object
	seen := map[string]bool{}
	for i := 0; i+1 < len(source.Content) && r.err == nil; i += 2 {
		key := source.Content[i]
		switch {
		case key.Kind != yaml.ScalarNode:
			r.fail(key, "found a key that is not plain text")
		case key.ShortTag() == "!!merge":
			r.fail(key, "found the merge key \"<<\"; write the keys out")
		case seen[key.Value]:
			r.fail(key, "the key %q is given twice", key.Value)
		}
		seen[key.Value] = true
		node.Fields = append(node.Fields, Field{
			Key: key.Value, Value: r.read(source.Content[i+1], depth+1), Position: Position{key.Line, key.Column},
		})
	}
}

func (r *yamlReader) scalar(source *yaml.Node, node *Node) {
	node.Text = source.Value
	if strings.ContainsRune(node.Text, 0) {
		r.fail(source, "found an escaped NUL character; no text may hold one")
	}
	switch tag := source.ShortTag(); tag {
	case "!!null":
		node.Text = ""
	case "!!bool":
		node.Kind, node.Text = Bool, strings.ToLower(source.Value)
	case "!!int", "!!float":
		node.Kind = Number
		r.number(source, node)
	case "!!str", "!!timestamp": // JSON has no type for times: their text stays text
		node.Kind = String
	default:
		r.fail(source, "found the tag %q; only plain values are known", tag)
	}
}

// number rewrites YAML's other notations (hexadecimal, octal, underscores, a leading plus) as JSON's.
func (r *yamlReader) number(source *yaml.Node, node *Node) {
	if numberProblem(source.Value) == "" {
		return
	}
	var whole int64
	var real float64
	switch {
	case len(source.Value) > MaxNumber:
		r.fail(source, "%s", numberProblem(source.Value))
	case source.ShortTag() == "!!int" && source.Decode(&whole) == nil:
		node.Text = strconv.FormatInt(whole, 10)
	case source.Decode(&real) == nil && !math.IsInf(real, 0) && !math.IsNaN(real):
		node.Text = strconv.FormatFloat(real, 'g', -1, 64)
	default:
		r.fail(source, "found a number that JSON cannot express")
	}
}
