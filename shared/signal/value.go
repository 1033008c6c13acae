package signal

import (
	"bytes"
	"cmp"
	"encoding/json"
	"strings"
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Limits of a signal.
const (
	MaxParams     = 64       // of one signal
	MaxValueBytes = 1024     // of a string value
	MaxKeyBytes   = 256      // of the name of a param
	MaxBytes      = 64 << 10 // of all params and the payload together
)

// Params are what a signal says: each value is a string or an int64.
type Params map[string]any

// UnmarshalJSON keeps integers exact. It fails for values that no signal carries.
func (p *Params) UnmarshalJSON(data []byte) error {
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.UseNumber()
	var raw map[string]any
	if err := decoder.Decode(&raw); err != nil {
		return err
	}
	*p = make(Params, len(raw))
	for name, value := range raw {
		exact, err := Exact(value)
		if err != nil {
			return err
		}
		(*p)[name] = exact
	}
	return nil
}

// Exact returns a decoded value as signals carry it. It returns CodeInvalid for anything but strings and integers.
func Exact(value any) (any, error) {
	switch v := value.(type) {
	case string, int64:
		return v, nil
	case int:
		return int64(v), nil
	case json.Number:
		if n, err := v.Int64(); err == nil {
			return n, nil
		}
	}
	return nil, workflow.Errorf(workflow.CodeInvalid, "signals carry strings and 64-bit integers only")
}

// Check returns CodeInvalid for params that are over a limit.
func (p Params) Check() error {
	if len(p) > MaxParams {
		return workflow.Errorf(workflow.CodeInvalid, "a signal has at most %d params, not %d", MaxParams, len(p))
	}
	for name, value := range p {
		if name == "" || len(name) > MaxKeyBytes || !utf8.ValidString(name) {
			return workflow.Errorf(workflow.CodeInvalid, "the name of a signal param is UTF-8 of 1 to %d bytes", MaxKeyBytes)
		}
		if err := CheckValue(value); err != nil {
			return err
		}
	}
	return nil
}

// CheckValue returns CodeInvalid for a value that no signal may carry.
func CheckValue(value any) error {
	switch v := value.(type) {
	case int64:
		return nil
	case string:
		if len(v) <= MaxValueBytes && utf8.ValidString(v) && strings.IndexByte(v, 0) < 0 {
			return nil
		}
		return workflow.Errorf(workflow.CodeInvalid, "a string in a signal is UTF-8 of at most %d bytes without a zero byte", MaxValueBytes)
	}
	return workflow.Errorf(workflow.CodeInvalid, "signals carry strings and 64-bit integers only")
}

// CheckName returns CodeInvalid for a name that no signal can have.
func CheckName(name string) error {
	if name == "" || len(name) > workflow.MaxNameLength || !utf8.ValidString(name) || strings.IndexByte(name, 0) >= 0 {
		return workflow.Errorf(workflow.CodeInvalid, "the name of a signal is UTF-8 of 1 to %d bytes", workflow.MaxNameLength)
	}
	return nil
}

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// Encode returns a text for the value; texts sort as values do, strings before numbers. A number is its digits to
// the base of 62 behind a letter that says how many there are; a negative one counts up from the lowest.
func Encode(value any) string {
	text, isText := value.(string)
	if isText {
		return "#" + text
	}
	n, _ := value.(int64)
	first := byte('b')
	if n < 0 {
		first = '7'
		if n += 1<<63 - 1; n < 0 {
			return "7" // the lowest of all has nothing to count
		}
	}
	var reversed []byte
	for rest := n; rest > 0 || len(reversed) == 0; rest /= 62 {
		reversed = append(reversed, digits[rest%62])
	}
	out := make([]byte, 0, len(reversed)+1)
	out = append(out, first+byte(len(reversed)))
	for i := len(reversed) - 1; i >= 0; i-- {
		out = append(out, reversed[i])
	}
	return string(out)
}

// compare orders two values of one type; ok is false for values that cannot be compared.
func compare(a, b any) (order int, ok bool) {
	switch x := a.(type) {
	case string:
		y, same := b.(string)
		return strings.Compare(x, y), same
	case int64:
		y, same := b.(int64)
		return cmp.Compare(x, y), same
	}
	return 0, false
}
