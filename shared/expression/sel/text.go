package sel

import (
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/expression/sel/java"
	"github.com/segue-workflows/segue/shared/expression/sel/joda"
)

// concat joins the texts of two values.
func (r *run) concat(x, y any) (any, error) {
	left, err := r.text(x)
	if err != nil {
		return nil, err
	}
	right, err := r.text(y)
	if err != nil {
		return nil, err
	}
	if len(left)+len(right) > r.textLimit() {
		return nil, exceeded("memory")
	}
	return r.made(left + right)
}

// text returns what a value looks like behind a plus sign.
func (r *run) text(v any) (string, error) {
	switch v := v.(type) {
	case nil:
		return "null", nil
	case string:
		return v, nil
	case int64:
		return strconv.FormatInt(v, 10), nil
	case float64:
		return java.FormatDouble(v), nil
	case bool:
		return strconv.FormatBool(v), nil
	case uuid:
		return string(v), nil
	case joda.DateTime:
		return v.String(), nil
	case *joda.Zone:
		return v.String(), nil
	case dayCount:
		return "P" + strconv.FormatInt(int64(v), 10) + "D", nil
	}
	var b strings.Builder
	err := r.write(&b, v)
	return b.String(), err
}

// write appends the text of a value that may contain others. It counts, because maps may share maps
// and even contain themselves.
func (r *run) write(b *strings.Builder, v any) error {
	if err := r.spend(1); err != nil {
		return err
	}
	if b.Len() > r.textLimit() {
		return exceeded("memory")
	}
	if err := r.enter(); err != nil {
		return err
	}
	defer r.leave()
	switch v := v.(type) {
	case *array:
		b.WriteByte('[')
		for i, item := range v.items {
			if i > 0 {
				b.WriteString(", ")
			}
			if err := r.write(b, item); err != nil {
				return err
			}
		}
		b.WriteByte(']')
	case *mapping:
		b.WriteByte('{')
		for i, key := range v.keys {
			if i > 0 {
				b.WriteString(", ")
			}
			b.WriteString(key)
			b.WriteByte('=')
			if err := r.write(b, v.entries[key].value); err != nil {
				return err
			}
		}
		b.WriteByte('}')
	case *joda.Formatter, property, class, allParams, void:
		return failed("a " + string(kindOf(v)) + " has no text")
	default:
		text, err := r.text(v)
		if err != nil {
			return err
		}
		b.WriteString(text)
	}
	return nil
}
