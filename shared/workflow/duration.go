package workflow

import (
	"math"
	"regexp"
	"strconv"
	"strings"
	"time"
)

var units = map[string]time.Duration{
	"d": 24 * time.Hour, "day": 24 * time.Hour, "days": 24 * time.Hour,
	"h": time.Hour, "hour": time.Hour, "hours": time.Hour,
	"min": time.Minute, "mins": time.Minute, "minute": time.Minute, "minutes": time.Minute,
	"s": time.Second, "sec": time.Second, "secs": time.Second, "second": time.Second, "seconds": time.Second,
	"ms": time.Millisecond, "millisecond": time.Millisecond, "milliseconds": time.Millisecond,
}

var (
	strictDuration = regexp.MustCompile(`^(?:\d+ ?[a-z]+ *)+$`)
	durationTerm   = regexp.MustCompile(`(\d+) ?([a-z]+)`)
	looseTerm      = regexp.MustCompile(`(\d+) ?(milliseconds|millisecond|ms|minutes|minute|min|days|day|d|hours|hour|h|seconds|second|sec|s)`)
)

// ParseDuration reads a sum of numbers with units, such as "1 day 2h 30min"; a plain number counts seconds. Unlike
// Maestro, which skips what it does not know, it refuses text that is anything else. It returns CodeInvalid.
func ParseDuration(text string) (time.Duration, error) {
	return parseDuration(text, time.Second, false)
}

// ParseLooseDuration reads a duration as Maestro does: it adds up every number with a unit that it finds anywhere
// in the text. It returns CodeInvalid when there is none.
func ParseLooseDuration(text string) (time.Duration, error) {
	return parseDuration(text, time.Second, true)
}

// ParseDelay is ParseDuration for fields whose plain numbers count milliseconds (fuzzy_max_delay).
func ParseDelay(text string) (time.Duration, error) {
	return parseDuration(text, time.Millisecond, false)
}

func parseDuration(text string, plain time.Duration, loose bool) (time.Duration, error) {
	text = strings.ToLower(strings.TrimSpace(text))
	if n, err := strconv.ParseInt(text, 10, 64); err == nil && n >= 0 {
		return addTerm(0, n, plain)
	}
	term := durationTerm
	if loose {
		term = looseTerm
	} else if !strictDuration.MatchString(text) {
		return 0, badDuration()
	}
	terms := term.FindAllStringSubmatch(text, -1)
	if len(terms) == 0 {
		return 0, badDuration()
	}
	var sum time.Duration
	for _, found := range terms {
		n, err := strconv.ParseInt(found[1], 10, 64)
		unit, known := units[found[2]]
		switch {
		case found[2] == "m":
			return 0, Errorf(CodeInvalid, `"m" is no unit of time; write "min" for minutes or "ms" for milliseconds`)
		case err != nil || !known:
			return 0, badDuration()
		}
		if sum, err = addTerm(sum, n, unit); err != nil {
			return 0, err
		}
	}
	return sum, nil
}

func addTerm(sum time.Duration, n int64, unit time.Duration) (time.Duration, error) {
	if n > int64(math.MaxInt64-sum)/int64(unit) {
		return 0, Errorf(CodeInvalid, "the duration is too long")
	}
	return sum + time.Duration(n)*unit, nil
}

func badDuration() error {
	return Errorf(CodeInvalid, `not a duration; want seconds, or numbers with units such as "1 day 2h 30min 10s 5ms"`)
}

// Literal tells whether the value is known without evaluating params.
func (p ParsableLong) Literal() bool { return !p.IsText || !strings.Contains(p.Text, "$") }
