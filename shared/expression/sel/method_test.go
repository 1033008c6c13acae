package sel

import (
	"context"
	"errors"
	"math"
	"reflect"
	"testing"
	"time"
)

// fixed is an Env in which nothing is left to chance.
func fixed() Env {
	values := map[string]any{
		"n": int64(7), "d": 2.5, "b": true, "s": "text", "sa": []string{"a", "b"}, "la": []int64{1, 2},
		"m": map[string]any{"k": "v", "list": []any{int64(1)}, "deep": map[string]string{"x": "y"}},
	}
	return Env{
		Lookup: func(name string) (any, bool) { v, ok := values[name]; return v, ok },
		Now:    func() time.Time { return time.Date(2021, 7, 7, 12, 0, 0, 0, time.UTC) },
		Random: func() float64 { return 0.25 },
		UUID:   func() string { return "an id" },
	}
}

func TestMethods(t *testing.T) {
	utc := "new DateTime(2020,1,31,1,2,3,4,DateTimeZone.UTC)"
	for _, tt := range []struct {
		expr string
		want any // nil: it fails
	}{
		// String
		{"'a.b'.split('\\\\.')", []string{"a", "b"}},
		{"'a.b'.split('.', -1)", []string{"", "", "", ""}},
		{"'a,b'.split(',', 3000000000)", nil},
		{"'a'.split(null)", nil},
		{"'a'.split(1)", nil},
		{"'aBc'.toUpperCase() + 'aBc'.toLowerCase()", "ABCabc"},
		{"'aXbX'.replace('X', '$1')", "a$1b$1"},
		{"'abc'.replace('', '-')", "-a-b-c-"},
		{"'k=v'.replaceAll('(\\\\w)=(\\\\w)', '$2=$1')", "v=k"},
		{"'abc'.contains('bc')", true},
		{"'abc'.contains(null)", nil},
		{"'abc'.substring(3)", ""},
		{"'abc'.substring(2, 1)", nil},
		{"'abc'.substring(-1)", nil},
		{"'abc'.lastIndexOf('x')", int64(-1)},
		{"'1'.equals(1)", false},
		{"'a'.equals('a')", true},
		{"'abc'.compareTo('ab')", int64(1)},
		{"' \\t a '.trim()", "a"},
		{"String.join('-', sa) + String.join('-', 'x', 'y')", "a-bx-y"},
		{"String.join('-', new String[2])", "null-null"},
		{"String.join('-')", nil},
		{"String.join('-', 1, 2)", nil},
		{"String.valueOf(1.0) + String.valueOf(null) + String.valueOf(b)", "1.0nulltrue"},
		{"'x'.valueOf(5)", "5"},
		{"String.length()", nil},
		{"String.format()", nil},
		{"String.format(1)", nil},
		{"new String(1) + new String('x') + new String()", "1x"},
		{"new String(1.5)", nil},
		// Numbers
		{"n.toString() + Integer.toString(5) + (5).valueOf('6')", "756"},
		{"Long.valueOf(' 5')", nil},
		{"Long.valueOf('+5')", int64(5)},
		{"Long.valueOf(1.5)", nil},
		{"Long.parseLong(5)", nil},
		{"(3000000000).intValue()", nil},
		{"new Integer('12') + new Long(1)", int64(13)},
		{"new Integer(true)", nil},
		{"d.intValue() + (-2.9).longValue()", int64(0)},
		{"(1e300).intValue()", int64(math.MaxInt32)},
		{"(1e300).longValue()", int64(math.MaxInt64)},
		{"(0.0/0).longValue()", int64(0)},
		{"Double.valueOf(' 1.5d ') + new Double(1.5)", 3.0},
		{"Double.valueOf('x')", nil},
		{"new Double(1)", nil},
		{"Float.toString(1e10)", "1.0E10"},
		{"new Boolean('TRUE') && !new Boolean('yes') && new Boolean(true)", true},
		{"new Boolean(1)", nil},
		{"Math.max(1, 2) + Math.min(1, 2)", int64(3)},
		{"Math.min(1.0, 2)", nil},
		{"Math.pow(2, 10)", 1024.0},
		{"Math.pow('2', 10)", nil},
		{"Math.random()", 0.25},
		{"UUID.randomUUID().toString() + UUID.randomUUID()", "an idan id"},
		{"System.currentTimeMillis() == new DateTime().getMillis()", true},
		{"Arrays.SUNDAY + DateTimeConstants.asList(1)", int64(8)},
		{"System.MONDAY", nil},
		// Map
		{"m.get('deep').get('x') + m.get('list')[0]", "y1"},
		{"m.getOrDefault('none', 5) + m.size()", int64(8)},
		{"m.get(1)", nil},
		{"m.put(1, 2)", nil},
		{"x=new Map(); x.put('a',1); return x.put('a',2) + x.get('a');", int64(3)},
		{"m.put('new', 1) == null && m.containsKey('new')", true},
		{"new Map(5)", nil},
		{"Map.size()", nil},
		// DateTime
		{utc + ".toString()", "2020-01-31T01:02:03.004Z"},
		{utc + ".plusMonths(1).minusDays(1).toString('yyyyMMdd')", "20200228"},
		{utc + ".plusYears(1).plusWeeks(1).plusHours(1).plusMinutes(1).plusSeconds(1).plusMillis(1).toString()", "2021-02-07T02:03:04.005Z"},
		{utc + ".withMonthOfYear(2).toString('dd')", "29"},
		{utc + ".withMonthOfYear(13)", nil},
		{utc + ".withHourOfDay(24)", nil},
		{utc + ".withDayOfYear(366).withMillisOfDay(0).toString()", "2020-12-31T00:00:00.000Z"},
		{utc + ".withWeekOfWeekyear(53).toString('yyyyMMdd')", "20210101"},
		{utc + ".withSecondOfDay(1)", nil},
		{utc + ".getSecondOfDay() + " + utc + ".getMinuteOfDay()", int64(3723 + 62)},
		{utc + ".dayOfWeek().getAsText() + " + utc + ".hourOfDay().getAsText()", "Friday1"},
		{utc + ".monthOfYear().withMinimumValue().getMonthOfYear() + " + utc + ".monthOfYear().get()", int64(2)},
		{utc + ".year()", nil},
		{utc + ".plusDays(2147483648)", nil},
		{utc + ".plusDays('1')", nil},
		{utc + ".isEqual(" + utc + ") && !" + utc + ".isAfter(" + utc + ")", true},
		{utc + ".isAfter(1)", nil},
		{"new DateTime(2020,2,30,0,0,0,0,DateTimeZone.UTC)", nil},
		{"new DateTime(1, DateTimeZone.UTC)", nil},
		{"new DateTime('2020-01-01', 'UTC')", nil},
		{"new DateTime('yesterday').getMillis()", nil},
		{"new DateTime(new DateTime(5), DateTimeZone.UTC).getMillis()", int64(5)},
		{"new DateTime(0) + 'a'", nil},
		{"'a' + new DateTime(0)", "a1970-01-01T00:00:00.000Z"},
		{"DateTimeZone.forID('US/Pacific').getOffset(new DateTime(0))", int64(-28800000)},
		{"DateTimeFormat.forPattern('HH').print(3600000)", "01"},
		{"DateTimeFormat.forPattern('yyyyMMdd').withZone(DateTimeZone.forID('US/Pacific')).parseMillis('19700101')", int64(28800000)},
		{"DateTimeFormat.forPattern('j')", nil},
		{"DateTimeFormat.forPattern('')", nil},
		{"DateTime.parse('x', 1)", nil},
		{"Days.daysBetween(new DateTime(86400000), new DateTime(1)).getDays()", int64(0)},
		{"'' + Days.daysBetween(new DateTime(0), new DateTime(86400000))", "P1D"},
		// Util
		{"Util.dateIntToTs(19700102)", int64(86400000)},
		{"Util.tsToDateInt('86400000')", "19700102"},
		{"Util.incrementDateInt(20211231, '1')", "20220101"},
		{"Util.incrementDateInt('tomorrow', 1)", nil},
		{"Util.dateIntHourToTs('20210707', 1, 'US/Pacific', 0, 1)", int64(1625641200000)},
		{"Util.dateIntHourToTs('20210707', 1, 'Mars', 0, 1)", nil},
		{"Util.timeoutForDateIntDeadline(20210707, '13 hours')", "3600000 milliseconds"},
		{"Util.timeoutForDateTimeDeadline(new DateTime(), '1 day 2h 3 min 4s 5ms')", "93784005 milliseconds"},
		{"Util.timeoutForDateTimeDeadline(new DateTime(), '1 dog')", nil},
		{"Util.intsBetween(0, 10, 3)", []int64{0, 3, 6, 9}},
		{"Util.intsBetween(10, 0, -3)", []int64{10, 7, 4, 1}},
		{"Util.intsBetween(10, 0, 3)", []int64{}},
		{"Util.intsBetween(0, 1, 0)", nil},
		{"Util.intsBetween(9223372036854775806, 9223372036854775807, 5)", []int64{9223372036854775806}},
		{"Util.dateIntsBetween(20200226, '20200303', 3)", []int64{20200226, 20200229}},
		{"Util.dateIntsBetween(20200226, 20200303, -1)", []int64{}},
		{"Util.unknown(1)", nil},
		// params
		{"params['n'] + params.get('n') + params.n", int64(21)},
		{"params.containsKey('n') && !params.containsKey('none')", true},
		{"params.getFromStep('step', 'p')", nil},
	} {
		got, err := evaluate(tt.expr, fixed())
		if tt.want == nil {
			if e := (*Error)(nil); !errors.As(err, &e) {
				t.Errorf("%s: is %#v, want an error", tt.expr, got)
			}
			continue
		}
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: is %#v, %v, want %#v", tt.expr, got, err, tt.want)
		}
	}
}

func TestCallbacks(t *testing.T) {
	down := errors.New("down")
	env := Env{
		Params: func(method string, args []any) (any, error) {
			if method == "getFromStep" {
				return []any{method, args[0], args[1]}, nil
			}
			return nil, down
		},
		Extend: func(function string, args []any) (any, error) { return function + asJSON(args), nil },
	}
	for _, tt := range []struct {
		expr string
		want any
	}{
		{"params.getFromStep('s', 'p')", []string{"getFromStep", "s", "p"}},
		{"Util.toJson(new long[]{1})", "toJson[[1]]"},
		{"Util.toJson(null)", "toJson[null]"},
	} {
		got, err := evaluate(tt.expr, env)
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: is %#v, %v, want %#v", tt.expr, got, err, tt.want)
		}
	}
	if _, err := evaluate("params['x']", env); !errors.Is(err, down) {
		t.Errorf("the cause of a callback's failure is lost: %v", err)
	}
}

func TestAbsentCallbacksFail(t *testing.T) {
	for _, expr := range []string{
		"Math.random()", "UUID.randomUUID().toString()", "System.currentTimeMillis()",
		"new DateTime().getMillis()", "params.get('x')", "Util.toJson(1)", "unknown",
		"Util.timeoutForDateIntDeadline(20210707, '1 day')",
	} {
		if got, err := evaluate(expr, Env{}); err == nil {
			t.Errorf("%s: is %v", expr, got)
		}
	}
}

func TestParamsAreCopied(t *testing.T) {
	list, dict := []string{"a"}, map[string]any{"k": "v"}
	env := Env{Lookup: func(name string) (any, bool) {
		if name == "list" {
			return list, true
		}
		return dict, true
	}}
	if _, err := evaluate("list[0] = 'changed'; dict.put('k', 'changed'); return list;", env); err != nil {
		t.Fatal(err)
	}
	if list[0] != "a" || dict["k"] != "v" {
		t.Errorf("the program changed its params: %v %v", list, dict)
	}
}

func TestContextEndsProgram(t *testing.T) {
	p, err := Compile("1", Limits{})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	_, err = p.Eval(ctx, Env{})
	if e := (*Error)(nil); !errors.As(err, &e) || e.Kind != Limit || !errors.Is(err, context.Canceled) {
		t.Errorf("ends with %v", err)
	}
}
