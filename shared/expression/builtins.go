package expression

import (
	"slices"
	"strings"

	"github.com/expr-lang/expr"

	"github.com/segue-workflows/segue/shared/workflow"
)

// kept are the built-ins of expr that stay: each follows from its arguments alone, and none makes more than
// its arguments hold. What reads the clock, or shows the order of a map, is not here.
var kept = []string{
	"all", "none", "any", "one", "filter", "map", "find", "findIndex", "findLast", "findLastIndex", "count",
	"sum", "sortBy", "reduce", "len", "abs", "ceil", "floor", "round", "trim", "trimPrefix", "trimSuffix",
	"upper", "lower", "split", "indexOf", "lastIndexOf", "hasPrefix", "hasSuffix", "first", "last", "get", "take",
	"reverse", "concat", "sort",
}

type function = func(arguments ...any) (any, error)

// functions are ours: replacements of built-ins that are unbounded, unordered or not of SEL's mind, and
// helpers for texts.
var functions = map[string]function{
	"replace":    checked(replaceText, isText, isText, isText),
	"repeat":     checked(repeatText, isText, isWhole),
	"join":       joinTexts,
	"string":     checked(asText, isAny),
	"int":        checked(asLong, isAny),
	"float":      checked(asDouble, isAny),
	"toJSON":     checked(asJSON, isAny),
	"fromJSON":   checked(fromJSON, isText),
	"keys":       checked(keys, isMap),
	"values":     checked(values, isMap),
	"min":        func(a ...any) (any, error) { return extreme("<", a) },
	"max":        func(a ...any) (any, error) { return extreme(">", a) },
	"now":        now,
	"formatTime": checked(formatTime, isWhole, isText, isText),
	"parseTime":  checked(parseTime, isText, isText, isText),
	"addDays":    checked(addDays, isWhole, isWhole, isText),
}

// timed are the functions that look at the evaluation; the patcher hands it to them.
var timed = map[string]bool{"now": true}

// builtins are the options that bring all functions into the language.
var builtins = builtinOptions()

func builtinOptions() []expr.Option {
	var options []expr.Option
	for _, name := range kept {
		options = append(options, expr.EnableBuiltin(name))
	}
	internal := map[string]function{
		roundCall:  func(a ...any) (any, error) { return a[0].(*evaluation).round(a[1]) },
		boolCall:   func(a ...any) (any, error) { return condition(a[0]) },
		unaryCall:  func(a ...any) (any, error) { return unary(a[0].(string), a[1]) },
		binaryCall: func(a ...any) (any, error) { return binary(a[0].(string), a[1], a[2]) },
		paramsCall: callParams,
		staticCall: callUtil,
	}
	for _, table := range []map[string]function{functions, internal} {
		for name, body := range table {
			options = append(options, expr.Function(name, body))
		}
	}
	return options
}

func condition(value any) (any, error) {
	if b, ok := value.(bool); ok {
		return b, nil
	}
	return nil, invalidf("a condition must be BOOLEAN, not %s", kindOf(value))
}

// callParams answers params.name(arguments…): the evaluation, the name, the arguments.
func callParams(a ...any) (any, error) {
	name, ok := a[1].(string)
	if !ok {
		return nil, invalidf("params is read with a name, not with a %s", kindOf(a[1]))
	}
	arguments := make([]any, len(a)-2)
	for i, argument := range a[2:] {
		arguments[i] = plainInt(argument)
	}
	return a[0].(*evaluation).env.Call(name, arguments)
}

// checked refuses arguments of other number or type before body sees them.
func checked(body function, wants ...func(any) bool) function {
	return func(arguments ...any) (any, error) {
		if len(arguments) != len(wants) {
			return nil, invalidf("%d arguments, not %d", len(wants), len(arguments))
		}
		for i, want := range wants {
			arguments[i] = plainInt(arguments[i])
			if !want(arguments[i]) {
				return nil, invalidf("argument %d cannot be a %s", i+1, kindOf(arguments[i]))
			}
		}
		return body(arguments...)
	}
}

func isAny(any) bool { return true }

func isWhole(value any) bool { _, ok := value.(int64); return ok }

func isMap(value any) bool { _, ok := value.(map[string]any); return ok }

func tooLong() error { return invalidf("the text grows beyond %d bytes", maxText) }

func replaceText(a ...any) (any, error) {
	text, old, fresh := a[0].(string), a[1].(string), a[2].(string)
	if len(text)+strings.Count(text, old)*(len(fresh)-len(old)) > maxText {
		return nil, tooLong()
	}
	return strings.ReplaceAll(text, old, fresh), nil
}

func repeatText(a ...any) (any, error) {
	text, count := a[0].(string), a[1].(int64)
	if count < 0 {
		return nil, invalidf("a text cannot repeat a negative number of times")
	}
	if count > maxText || int64(len(text))*count > maxText {
		return nil, tooLong()
	}
	return strings.Repeat(text, int(count)), nil
}

func joinTexts(a ...any) (any, error) {
	if len(a) == 0 || len(a) > 2 {
		return nil, invalidf("1 or 2 arguments, not %d", len(a))
	}
	separator := ""
	if len(a) == 2 {
		var ok bool
		if separator, ok = a[1].(string); !ok {
			return nil, invalidf("argument 2 cannot be a %s", kindOf(a[1]))
		}
	}
	items, err := Data(a[0])
	texts, ok := items.([]string)
	if err != nil || !ok {
		return nil, invalidf("argument 1 must be a list of STRINGs")
	}
	size := len(separator) * len(texts)
	for _, text := range texts {
		size += len(text)
	}
	if size > maxText {
		return nil, tooLong()
	}
	return strings.Join(texts, separator), nil
}

func keys(a ...any) (any, error) {
	return sortedKeys(a[0].(map[string]any)), nil
}

func values(a ...any) (any, error) {
	fields := a[0].(map[string]any)
	out := []any{}
	for _, key := range sortedKeys(fields) {
		out = append(out, fields[key])
	}
	return out, nil
}

func sortedKeys(fields map[string]any) []string {
	out := make([]string, 0, len(fields))
	for key := range fields {
		out = append(out, key)
	}
	slices.Sort(out)
	return out
}

func fromJSON(a ...any) (any, error) {
	value, err := workflow.DecodeAny([]byte(a[0].(string)))
	if err != nil {
		return nil, invalidf("the text is not JSON")
	}
	return workflow.Plain(value), nil
}

func asJSON(a ...any) (any, error) {
	value, err := Data(a[0])
	if err != nil {
		return nil, err
	}
	text := JSON(value)
	if len(text) > maxText {
		return nil, tooLong()
	}
	return text, nil
}

// now is the run's own time in milliseconds: an evaluation gives the same answer whenever it is repeated.
func now(a ...any) (any, error) {
	if len(a) != 1 {
		return nil, invalidf("now takes no argument")
	}
	return workflow.Millis(a[0].(*evaluation).env.Now), nil
}

// extreme returns the smallest or largest of its arguments, or of a list that is its only one. Unlike expr's
// own it does not look into lists of lists, which a loop can nest beyond all measure.
func extreme(operator string, a []any) (any, error) {
	if len(a) == 1 {
		switch list := a[0].(type) {
		case []any:
			a = list
		case []int64:
			a = convert(list, func(n int64) any { return n })
		case []float64:
			a = convert(list, func(f float64) any { return f })
		}
	}
	if len(a) == 0 {
		return nil, invalidf("there is nothing to compare")
	}
	best := plainInt(a[0])
	for _, item := range a {
		item = plainInt(item)
		better, err := compare(operator, item, best)
		if err != nil || !isNumber(item) {
			return nil, invalidf("only numbers can be compared, not a %s", kindOf(item))
		}
		if better == true {
			best = item
		}
	}
	return best, nil
}
