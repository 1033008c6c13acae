package sel

import (
	"math"
	"strconv"

	"github.com/segue-workflows/segue/shared/expression/sel/java"
)

func unfit(op string, x any) error {
	return failed("the operator " + op + " does not take a " + string(kindOf(x)))
}

func unary(op string, x any) (any, error) {
	switch x := x.(type) {
	case bool:
		if op == "!" {
			return !x, nil
		}
	case int64:
		switch op {
		case "-":
			return -x, nil
		case "+":
			return x, nil
		}
	case float64:
		switch op {
		case "-":
			return -x, nil
		case "+":
			return x, nil
		}
	}
	return nil, unfit(op, x)
}

// binary applies an operator. The left operand decides what the right one may be: 1 == "1" compares
// texts, and "1" == 1 is an error.
func (r *run) binary(op string, x, y any) (any, error) {
	_, text := y.(string)
	switch x := x.(type) {
	case nil:
		return r.nullLeft(op, y)
	case string:
		return r.stringLeft(op, x, y)
	case bool:
		return booleanLeft(op, x, y)
	case int64:
		if text {
			return r.numberWithText(op, x, strconv.FormatInt(x, 10), y.(string))
		}
	case float64:
		if text {
			return r.numberWithText(op, x, java.FormatDouble(x), y.(string))
		}
	default:
		return nil, unfit(op, x)
	}
	if y == nil {
		switch op {
		case "==":
			return false, nil
		case "!=":
			return true, nil
		}
	}
	return numbers(op, x, y)
}

func (r *run) nullLeft(op string, y any) (any, error) {
	switch op {
	case "+":
		return r.concat(nil, y)
	case "==":
		return y == nil, nil
	case "!=":
		return y != nil, nil
	case "<", ">":
		return false, nil
	}
	return nil, unfit(op, nil)
}

func (r *run) stringLeft(op string, x string, y any) (any, error) {
	if op == "+" {
		return r.concat(x, y)
	}
	s, text := y.(string)
	if op != "==" && op != "!=" {
		return nil, unfit(op, x)
	}
	if y != nil && !text {
		return nil, unfit(op, y)
	}
	equal := text && s == x
	return equal == (op == "=="), r.spend(len(s) / bytesPerVisit)
}

func booleanLeft(op string, x bool, y any) (any, error) {
	b, both := y.(bool)
	switch {
	case op == "==" && (both || y == nil):
		return both && b == x, nil
	case op == "!=" && (both || y == nil):
		return !both || b != x, nil
	case op == "&&" && both:
		return x && b, nil
	case op == "||" && both:
		return x || b, nil
	case both:
		return nil, unfit(op, x)
	}
	return nil, unfit(op, y)
}

func (r *run) numberWithText(op string, x any, text, y string) (any, error) {
	switch op {
	case "+":
		return r.made(text + y)
	case "==":
		return text == y, nil
	case "!=":
		return text != y, nil
	}
	return nil, unfit(op, y)
}

// numbers compares or computes with two numbers.
func numbers(op string, x, y any) (any, error) {
	a, isLong := x.(int64)
	b, bothLong := y.(int64)
	if isLong && bothLong {
		if v, ok := compare(op, a, b); ok {
			return v, nil
		}
		return arithmetic(op, x, y)
	}
	f, err := double(op, x)
	if err != nil {
		return nil, err
	}
	g, err := double(op, y)
	if err != nil {
		return nil, err
	}
	if v, ok := compare(op, f, g); ok {
		return v, nil
	}
	return arithmetic(op, f, g)
}

func double(op string, v any) (float64, error) {
	switch v := v.(type) {
	case int64:
		return float64(v), nil
	case float64:
		return v, nil
	}
	return 0, unfit(op, v)
}

func compare[T int64 | float64](op string, a, b T) (result, ok bool) {
	switch op {
	case "==":
		return a == b, true
	case "!=":
		return a != b, true
	case "<":
		return a < b, true
	case ">":
		return a > b, true
	case "<=":
		return a <= b, true
	case ">=":
		return a >= b, true
	}
	return false, false
}

// arithmetic computes with two numbers of one kind. Longs wrap.
func arithmetic(op string, x, y any) (any, error) {
	if a, ok := x.(int64); ok {
		b := y.(int64)
		if b == 0 && (op == "/" || op == "%") {
			return nil, failed("division by zero")
		}
		switch op {
		case "+":
			return a + b, nil
		case "-":
			return a - b, nil
		case "*":
			return a * b, nil
		case "/":
			return a / b, nil
		case "%":
			return a % b, nil
		}
		return nil, unfit(op, x)
	}
	a, b := x.(float64), y.(float64)
	switch op {
	case "+":
		return a + b, nil
	case "-":
		return a - b, nil
	case "*":
		return a * b, nil
	case "/":
		return a / b, nil
	case "%":
		return math.Mod(a, b), nil
	}
	return nil, unfit(op, x)
}
