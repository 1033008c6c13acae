package sel

import (
	"errors"
	"math"
	"regexp"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/expression/sel/java"
	"github.com/segue-workflows/segue/shared/expression/sel/joda"
)

// utilMethods take a date as a LONG or a STRING of the form yyyyMMdd, and other numbers as either.
var utilMethods = methods{
	{"dateIntToTs", 1}:     func(c *call) (any, error) { t, err := c.day(0); return t.Millis, err },
	{"tsToDateInt", 1}:     func(c *call) (any, error) { return dateInt(joda.DateTime{Millis: c.number(0), Zone: joda.UTC}), nil },
	{"dateIntsBetween", 3}: (*call).dateIntsBetween,
	{"intsBetween", 3}:     (*call).intsBetween,
	{"dateIntHourToTs", 5}: (*call).dateIntHourToTs,
	{"incrementDateInt", 2}: func(c *call) (any, error) {
		t, err := c.day(0)
		if err != nil {
			return nil, err
		}
		t, err = t.Plus(c.small(1), joda.Days)
		return dateInt(t), err
	},
	{"timeoutForDateTimeDeadline", 2}: func(c *call) (any, error) { return c.timeout(c.date(0)) },
	{"timeoutForDateIntDeadline", 2}: func(c *call) (any, error) {
		t, err := c.day(0)
		if err != nil {
			return nil, err
		}
		return c.timeout(t)
	},
}

var dateFormat, _ = joda.ForPattern("yyyyMMdd", 0)
var hourFormat, _ = joda.ForPattern("yyyyMMddHH", 0)

// day reads a date argument, at midnight in UTC.
func (c *call) day(i int) (joda.DateTime, error) {
	t, err := dateFormat.Parse(c.digits(i))
	if t.Zone == nil {
		t.Zone = joda.UTC
	}
	return t, err
}

func dateInt(t joda.DateTime) string {
	if t.Zone == nil {
		t.Zone = joda.UTC
	}
	return dateFormat.Print(t)
}

// small returns an argument that is a number of 32 bits.
func (c *call) small(i int) int64 {
	n := c.number(i)
	if (n < math.MinInt32 || n > math.MaxInt32) && c.err == nil {
		c.err = errors.New("the method " + c.name + " wants a number of 32 bits")
		return 0
	}
	return n
}

// dateIntHourToTs reads an hour in a zone and goes back some days and hours from there.
func (c *call) dateIntHourToTs() (any, error) {
	text, days, hours := c.digits(0)+c.digits(1), c.small(3), c.small(4)
	zone, err := c.run.zone(c.str(2))
	if err != nil {
		return nil, err
	}
	t, err := hourFormat.WithZone(zone).Parse(text)
	if err != nil {
		return nil, err
	}
	if t, err = t.Plus(-days, joda.Days); err != nil {
		return nil, err
	}
	t, err = t.Plus(-hours, joda.Hours)
	return t.Millis, err
}

// intsBetween walks from the first number to the second without reaching it.
func (c *call) intsBetween() (any, error) {
	from, to, step := c.number(0), c.number(1), c.number(2)
	if step == 0 {
		return nil, failed("the step must not be zero")
	}
	a := &array{element: kindLong}
	for v := from; step > 0 && v < to || step < 0 && v > to; v += step {
		if len(a.items)+1 >= c.run.limits.Array {
			return nil, exceeded("array length")
		}
		a.items = append(a.items, v)
		if next := v + step; (next > v) != (step > 0) {
			break
		}
	}
	return a, c.run.holdArray(a)
}

// dateIntsBetween walks from the first date to the second without reaching it. A negative step walks
// from the second to the first upwards, and then turns the list around.
func (c *call) dateIntsBetween() (any, error) {
	from, err := c.day(0)
	if err != nil {
		return nil, err
	}
	to, err := c.day(1)
	if err != nil {
		return nil, err
	}
	step := c.small(2)
	if step == 0 {
		return nil, failed("the step must not be zero")
	}
	down := step < 0
	if down {
		from, to, step = to, from, -step
	}
	a := &array{element: kindLong}
	for t := from; t.Millis < to.Millis; {
		if len(a.items)+1 >= c.run.limits.Array {
			return nil, exceeded("array length")
		}
		n, err := java.ParseLong(dateInt(t))
		if err != nil {
			return nil, err
		}
		a.items = append(a.items, n)
		if t, err = t.Plus(step, joda.Days); err != nil {
			return nil, err
		}
	}
	if down {
		for i, j := 0, len(a.items)-1; i < j; i, j = i+1, j-1 {
			a.items[i], a.items[j] = a.items[j], a.items[i]
		}
	}
	return a, c.run.holdArray(a)
}

// timeout returns the time that is left until a deadline: a duration after the time.
func (c *call) timeout(from joda.DateTime) (any, error) {
	duration, err := parseDuration(c.digits(1))
	if err != nil {
		return nil, err
	}
	now, err := c.run.now()
	if err != nil {
		return nil, err
	}
	return strconv.FormatInt(max(from.Millis+duration-now, 0), 10) + " milliseconds", nil
}

var (
	durationPart  = regexp.MustCompile(`^\s*(\d{1,9})\s*([a-z]+)`)
	durationUnits = map[string]int64{}
)

func init() {
	for millis, names := range map[int64]string{
		86_400_000: "d day days", 3_600_000: "h hour hours", 60_000: "min minute minutes",
		1000: "s sec second seconds", 1: "ms millisecond milliseconds",
	} {
		for _, name := range strings.Fields(names) {
			durationUnits[name] = millis
		}
	}
}

// parseDuration reads a sum such as "1 day 2 hours" in milliseconds; a plain number is seconds.
func parseDuration(text string) (int64, error) {
	malformed := errors.New("the text is not a duration such as 2 hours 30 min")
	if n, err := strconv.ParseInt(text, 10, 32); err == nil && n >= 0 {
		return n * 1000, nil
	}
	rest, sum := strings.ToLower(text), int64(0)
	for strings.TrimSpace(rest) != "" {
		m := durationPart.FindStringSubmatch(rest)
		if m == nil || durationUnits[m[2]] == 0 {
			return 0, malformed
		}
		n, _ := strconv.ParseInt(m[1], 10, 64)
		if sum += n * durationUnits[m[2]]; sum > math.MaxInt64/4 {
			return 0, malformed
		}
		rest = rest[len(m[0]):]
	}
	if sum == 0 && strings.TrimSpace(text) == "" {
		return 0, malformed
	}
	return sum, nil
}
