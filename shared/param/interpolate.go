package param

import (
	"strings"

	"github.com/segue-workflows/segue/shared/expression"
)

// lookup finds the value of a param by name.
type lookup func(name string) (any, bool, error)

// interpolate replaces $name and ${name} by values; $$ stands for one dollar. What is put in is not looked
// at again. It returns CodeInvalid for a name that lookup does not know.
func interpolate(text string, find lookup) (string, error) {
	var out strings.Builder
	for {
		dollar := strings.IndexByte(text, '$')
		if dollar < 0 {
			out.WriteString(text)
			return out.String(), nil
		}
		out.WriteString(text[:dollar])
		text = text[dollar:]
		if strings.HasPrefix(text, "$$") {
			out.WriteByte('$')
			text = text[2:]
			continue
		}
		name, length := reference(text)
		if length == 0 {
			out.WriteByte('$')
			text = text[1:]
			continue
		}
		value, ok, err := find(name)
		if err != nil {
			return "", err
		}
		if !ok {
			return "", invalidf("there is no param %q to put into the text", name)
		}
		out.WriteString(display(value))
		text = text[length:]
	}
}

// reference reads the name behind the dollar at the start of text and the length of the whole reference;
// length 0 when it is a plain dollar.
func reference(text string) (name string, length int) {
	if strings.HasPrefix(text, "${") {
		end := nameEnd(text, 2, "-_./")
		if end > 2 && end < len(text) && text[end] == '}' {
			return text[2:end], end + 1
		}
		return "", 0
	}
	end := nameEnd(text, 1, "_")
	return text[1:end], end * min(end-1, 1)
}

// nameEnd returns where the name that starts at from ends; from itself when there is none.
func nameEnd(text string, from int, marks string) int {
	end := from
	for end < len(text) && (letter(text[end]) || end > from && (digit(text[end]) || strings.IndexByte(marks, text[end]) >= 0)) {
		end++
	}
	return end
}

func letter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

func digit(c byte) bool { return '0' <= c && c <= '9' }

// display writes a value into a text: scalars as they are, the rest as compact JSON.
func display(value any) string {
	if text, ok := expression.Text(value); ok {
		return text
	}
	return expression.JSON(value)
}

// references returns the names that a text refers to, in order.
func references(text string) []string {
	var names []string
	_, _ = interpolate(text, func(name string) (any, bool, error) {
		names = append(names, name)
		return "", true, nil
	})
	return names
}
