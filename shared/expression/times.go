package expression

import (
	"sync"

	"github.com/segue-workflows/segue/shared/expression/sel/joda"
)

// Times are LONGs of milliseconds; the helpers read and write them with the patterns that SEL has.

var zones sync.Map // of *joda.Zone by id; reading a region from the zone database is slow

func zoneOf(id string) (*joda.Zone, error) {
	if zone, ok := zones.Load(id); ok {
		return zone.(*joda.Zone), nil
	}
	zone, err := joda.ForID(id)
	if err != nil {
		return nil, invalidf("there is no time zone %q", id)
	}
	if letter := id[0] | 0x20; 'a' <= letter && letter <= 'z' { // only regions: there are some hundreds
		zones.Store(id, zone)
	}
	return zone, nil
}

// formatter reads a pattern and the id of a zone.
func formatter(pattern, zone any) (*joda.Formatter, error) {
	in, err := zoneOf(zone.(string))
	if err != nil {
		return nil, err
	}
	format, err := joda.ForPattern(pattern.(string), 2000)
	if err != nil {
		return nil, invalidf("the date pattern is wrong: %w", err)
	}
	return format.WithZone(in), nil
}

// formatTime is formatTime(millis, pattern, zone).
func formatTime(a ...any) (any, error) {
	format, err := formatter(a[1], a[2])
	if err != nil {
		return nil, err
	}
	return format.Print(joda.DateTime{Millis: a[0].(int64), Zone: joda.UTC}), nil
}

// parseTime is parseTime(text, pattern, zone).
func parseTime(a ...any) (any, error) {
	format, err := formatter(a[1], a[2])
	if err != nil {
		return nil, err
	}
	t, err := format.Parse(a[0].(string))
	if err != nil {
		return nil, invalidf("%w", err)
	}
	return t.Millis, nil
}

// addDays is addDays(millis, days, zone): calendar days, which may have 23 or 25 hours.
func addDays(a ...any) (any, error) {
	zone, err := zoneOf(a[2].(string))
	if err != nil {
		return nil, err
	}
	t, err := joda.DateTime{Millis: a[0].(int64), Zone: zone}.Plus(a[1].(int64), joda.Days)
	if err != nil {
		return nil, invalidf("%w", err)
	}
	return t.Millis, nil
}
