package sel

import (
	"errors"
	"strings"

	"github.com/segue-workflows/segue/shared/expression/sel/java"
)

var stringConstructors = map[int]method{
	0: func(*call) (any, error) { return "", nil },
	1: func(c *call) (any, error) { return c.digits(0), nil },
}

var stringMethods = methods{
	{"split", 1}:         func(c *call) (any, error) { return c.split(0) },
	{"split", 2}:         func(c *call) (any, error) { return c.split(c.int(1)) },
	{"replaceAll", 2}:    (*call).replaceAll,
	{"replace", 2}:       (*call).replace,
	{"toUpperCase", 0}:   func(c *call) (any, error) { return java.Upper(c.text()), nil },
	{"toLowerCase", 0}:   func(c *call) (any, error) { return strings.ToLower(c.text()), nil },
	{"startsWith", 1}:    func(c *call) (any, error) { return strings.HasPrefix(c.text(), c.str(0)), nil },
	{"endsWith", 1}:      func(c *call) (any, error) { return strings.HasSuffix(c.text(), c.str(0)), nil },
	{"contains", 1}:      func(c *call) (any, error) { return strings.Contains(c.text(), c.str(0)), nil },
	{"lastIndexOf", 1}:   func(c *call) (any, error) { return int64(java.LastIndex(c.text(), c.str(0))), nil },
	{"length", 0}:        func(c *call) (any, error) { return int64(java.Length(c.text())), nil },
	{"isEmpty", 0}:       func(c *call) (any, error) { return c.text() == "", nil },
	{"equals", 1}:        func(c *call) (any, error) { return c.args[0] == any(c.text()), nil },
	{"compareTo", 1}:     func(c *call) (any, error) { return int64(java.Compare(c.text(), c.str(0))), nil },
	{"trim", 0}:          func(c *call) (any, error) { return java.Trim(c.text()), nil },
	{"escape", 0}:        func(c *call) (any, error) { return c.escape(c.text()) },
	{"escape", 1}:        func(c *call) (any, error) { return c.escape(c.str(0)) },
	{"valueOf", 1}:       func(c *call) (any, error) { return c.run.text(c.args[0]) },
	{"format", anyArity}: (*call).format,
	{"join", anyArity}:   (*call).join,
	{"substring", 1}: func(c *call) (any, error) {
		return java.Substring(c.text(), c.int(0), int64(java.Length(c.text())))
	},
	{"substring", 2}: func(c *call) (any, error) { return java.Substring(c.text(), c.int(0), c.int(1)) },
}

// text returns the receiver of a method of String.
func (c *call) text() string { return self[string](c, kindString) }

// pattern compiles the regular expression that is the first argument, once for each evaluation.
func (c *call) pattern() (*java.Pattern, error) {
	text := c.str(0)
	if p := c.run.patterns[text]; p != nil {
		return p, nil
	}
	p, err := java.Compile(text)
	if err != nil {
		return nil, err
	}
	const keep = 16
	if c.run.patterns == nil || len(c.run.patterns) == keep {
		c.run.patterns = map[string]*java.Pattern{}
	}
	c.run.patterns[text] = p
	return p, c.run.spend(p.Size() * visitsPerState)
}

// matching pays for the steps of a search.
func (r *run) matching(steps int) error { return r.spend(steps/statesPerVisit + 1) }

func (c *call) split(limit int64) (any, error) {
	p, err := c.pattern()
	if err != nil {
		return nil, err
	}
	pieces, err := p.Split(c.text(), limit, c.run.limits.Array-2, c.run.matching)
	if errors.Is(err, java.ErrTooLarge) {
		return nil, exceeded("array length")
	}
	if err != nil {
		return nil, err
	}
	return newArrayOf(c.run, kindString, pieces)
}

func (c *call) replaceAll() (any, error) {
	replacement := c.str(1)
	p, err := c.pattern()
	if err != nil {
		return nil, err
	}
	return p.ReplaceAll(c.text(), replacement, c.run.textLimit(), c.run.matching)
}

func (c *call) replace() (any, error) {
	text, old, replacement := c.text(), c.str(0), c.str(1)
	growth := len(replacement) - len(old)
	if growth > 0 && strings.Count(text, old)*growth > c.run.textLimit() {
		return nil, exceeded("memory")
	}
	return strings.ReplaceAll(text, old, replacement), nil
}

// escape writes up to six bytes for one, so it asks before.
func (c *call) escape(text string) (any, error) {
	if 6*len(text) > c.run.textLimit() {
		return nil, exceeded("memory")
	}
	return java.Escape(text), nil
}

// format passes the arguments on. An array is one argument.
func (c *call) format() (any, error) {
	if len(c.args) == 0 {
		return nil, failed("the method format wants a STRING")
	}
	args := make([]any, len(c.args)-1)
	for i := range args {
		var err error
		if args[i], err = c.run.plain(c.args[i+1]); err != nil {
			return nil, err
		}
	}
	return java.Format(c.str(0), args, c.run.textLimit())
}

// join takes the texts from an array or from the arguments.
func (c *call) join() (any, error) {
	if len(c.args) < 2 {
		return nil, failed("the method join wants a separator and what to join")
	}
	items := c.args[1:]
	if a, ok := items[0].(*array); ok && len(items) == 1 {
		items = a.items
	}
	separator := c.str(0)
	size := len(separator) * len(items)
	texts := make([]string, len(items))
	for i, item := range items {
		text, ok := item.(string)
		if item == nil {
			text, ok = "null", true
		}
		if !ok {
			c.mismatch(kindString, item)
		}
		texts[i] = text
		size += len(text)
	}
	if size > c.run.textLimit() {
		return nil, exceeded("memory")
	}
	return strings.Join(texts, separator), c.run.spend(len(items))
}
