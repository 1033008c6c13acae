package expression

import (
	"math"
	"slices"
)

// binary applies an operator with the meaning that SEL gives it, so that a text means the same in both
// languages. It takes data values and null.
func binary(operator string, left, right any) (any, error) {
	left, right = plainInt(left), plainInt(right)
	switch operator {
	case "+":
		return add(left, right)
	case "-", "*", "/", "%":
		return arithmetic(operator, left, right)
	case "==", "!=":
		same, err := equal(left, right)
		return same == (operator == "=="), err
	case "<", ">", "<=", ">=":
		return compare(operator, left, right)
	}
	return nil, invalidf("there is no operator %s", operator)
}

// plainInt makes the int of expr's literals and built-ins a LONG.
func plainInt(value any) any {
	if n, ok := value.(int); ok {
		return int64(n)
	}
	return value
}

func mismatch(operator string, left, right any) error {
	return invalidf("%s %s %s is not possible", kindOf(left), operator, kindOf(right))
}

func isText(value any) bool { _, ok := value.(string); return ok }

func isNumber(value any) bool {
	switch value.(type) {
	case int64, float64:
		return true
	}
	return false
}

func add(left, right any) (any, error) {
	if left == nil || isText(left) || isText(right) && isNumber(left) {
		a, _ := Text(left)
		b, ok := Text(right)
		if !ok {
			return nil, mismatch("+", left, right)
		}
		if len(a)+len(b) > maxText {
			return nil, invalidf("the text grows beyond %d bytes", maxText)
		}
		return a + b, nil
	}
	return arithmetic("+", left, right)
}

func arithmetic(operator string, left, right any) (any, error) {
	if !isNumber(left) || !isNumber(right) {
		return nil, mismatch(operator, left, right)
	}
	a, whole := left.(int64)
	b, too := right.(int64)
	if !whole || !too {
		return doubles(operator, double(left), double(right)), nil
	}
	if b == 0 && (operator == "/" || operator == "%") {
		return nil, invalidf("division by zero")
	}
	switch operator {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "/":
		return a / b, nil
	}
	return a % b, nil
}

func double(value any) float64 {
	if n, ok := value.(int64); ok {
		return float64(n)
	}
	f, _ := value.(float64)
	return f
}

func doubles(operator string, a, b float64) float64 {
	switch operator {
	case "+":
		return a + b
	case "-":
		return a - b
	case "*":
		return a * b
	case "/":
		return a / b
	}
	return math.Mod(a, b)
}

func equal(left, right any) (bool, error) {
	switch l := left.(type) {
	case nil:
		return right == nil, nil
	case int64, float64:
		if isNumber(right) {
			return equalNumbers(l, right), nil
		}
		if text, ok := right.(string); ok {
			own, _ := Text(l)
			return own == text, nil
		}
	case string:
		if text, ok := right.(string); ok {
			return l == text, nil
		}
	case bool:
		if b, ok := right.(bool); ok {
			return l == b, nil
		}
	}
	if right == nil {
		return false, nil
	}
	return false, mismatch("==", left, right)
}

func equalNumbers(left, right any) bool {
	a, whole := left.(int64)
	b, too := right.(int64)
	if whole && too {
		return a == b
	}
	return double(left) == double(right)
}

func compare(operator string, left, right any) (any, error) {
	if left == nil && (operator == "<" || operator == ">") {
		return false, nil
	}
	if !isNumber(left) || !isNumber(right) {
		return nil, mismatch(operator, left, right)
	}
	a, whole := left.(int64)
	b, too := right.(int64)
	if whole && too {
		return ordered(operator, a, b), nil
	}
	return ordered(operator, double(left), double(right)), nil
}

func ordered[T int64 | float64](operator string, a, b T) bool {
	switch operator {
	case "<":
		return a < b
	case ">":
		return a > b
	case "<=":
		return a <= b
	}
	return a >= b
}

// unary applies - + or ! (also written not).
func unary(operator string, value any) (any, error) {
	switch v := plainInt(value).(type) {
	case bool:
		if slices.Contains([]string{"!", "not"}, operator) {
			return !v, nil
		}
	case int64:
		switch operator {
		case "-":
			return -v, nil
		case "+":
			return v, nil
		}
	case float64:
		switch operator {
		case "-":
			return -v, nil
		case "+":
			return v, nil
		}
	}
	return nil, invalidf("%s %s is not possible", operator, kindOf(value))
}
