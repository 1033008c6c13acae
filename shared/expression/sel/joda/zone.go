package joda

import (
	"errors"
	"fmt"
	"regexp"
	"strconv"
	"time"
	_ "time/tzdata" // see the package comment
)

// Zone is a time zone: a region of the zone database, or a fixed offset.
type Zone struct {
	id       string
	location *time.Location
}

// UTC is the zone without an offset.
var UTC = &Zone{id: "UTC", location: time.UTC}

var (
	errZone   = errors.New("the time zone is not known")
	region    = regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+/-]*$`)
	fixedZone = regexp.MustCompile(`^[+-](\d{2})(?::?(\d{2})(?::?(\d{2})(?:[.,](\d{3}))?)?)?$`)
)

// ForID returns the zone with the id: UTC, a region such as US/Pacific, or an offset such as +08:00.
func ForID(id string) (*Zone, error) {
	if id == "UTC" {
		return UTC, nil
	}
	if offset, ok := parseOffset(id); ok {
		return fixed(offset), nil
	}
	if !region.MatchString(id) || id == "Local" {
		return nil, errZone
	}
	location, err := time.LoadLocation(id)
	if err != nil {
		return nil, errZone
	}
	return &Zone{id: id, location: location}, nil
}

// parseOffset reads +hh:mm:ss.SSS, of which everything behind the hours may be absent, with or
// without the colons, in milliseconds.
func parseOffset(text string) (int64, bool) {
	m := fixedZone.FindStringSubmatch(text)
	if m == nil {
		return 0, false
	}
	var n [5]int64
	for i := 1; i < len(m); i++ {
		n[i], _ = strconv.ParseInt("0"+m[i], 10, 64)
	}
	if n[1] > 23 || n[2] > 59 || n[3] > 59 {
		return 0, false
	}
	offset := n[1]*hour + n[2]*minute + n[3]*second + n[4]
	if text[0] == '-' {
		offset = -offset
	}
	return offset, true
}

func fixed(offset int64) *Zone {
	if offset == 0 {
		return UTC
	}
	return &Zone{id: formatOffset(offset, ":"), location: time.FixedZone("", int(offset/second))}
}

// formatOffset writes +hh:mm, and the seconds if there are any.
func formatOffset(offset int64, colon string) string {
	sign := "+"
	if offset < 0 {
		sign, offset = "-", -offset
	}
	text := fmt.Sprintf("%s%02d%s%02d", sign, offset/hour, colon, offset/minute%60)
	if seconds := offset / second % 60; seconds != 0 {
		text += fmt.Sprintf("%s%02d", colon, seconds)
	}
	return text
}

// String returns the id.
func (z *Zone) String() string { return z.id }

// Offset returns what local time is ahead of UTC at the instant, in milliseconds.
func (z *Zone) Offset(millis int64) int64 {
	if z.location == time.UTC {
		return 0
	}
	_, seconds := time.UnixMilli(millis).In(z.location).Zone()
	return int64(seconds) * second
}

// instant returns the instant of a local time: the earlier one when there are two. In a gap there is
// none; then the instant is the one that lies as far behind the gap's start.
func (z *Zone) instant(local int64) (millis int64, gap bool) {
	before, after := z.Offset(local-day), z.Offset(local+day)
	switch {
	case before == after || z.Offset(local-before) == before:
		return local - before, false
	case z.Offset(local-after) == after:
		return local - after, false
	}
	return local - before, true
}

// longNames are the names that the pattern zzzz prints, by the short ones.
var longNames = map[string]string{
	"UTC": "Coordinated Universal Time", "GMT": "Greenwich Mean Time", "BST": "British Summer Time",
	"PST": "Pacific Standard Time", "PDT": "Pacific Daylight Time",
	"MST": "Mountain Standard Time", "MDT": "Mountain Daylight Time",
	"CST": "Central Standard Time", "CDT": "Central Daylight Time",
	"EST": "Eastern Standard Time", "EDT": "Eastern Daylight Time",
	"CET": "Central European Time", "CEST": "Central European Summer Time",
}

// name returns the short or the long name that the zone has at the instant.
func (z *Zone) name(millis int64, long bool) string {
	short, seconds := time.UnixMilli(millis).In(z.location).Zone()
	if short == "" || short[0] == '+' || short[0] == '-' {
		return formatOffset(int64(seconds)*second, ":")
	}
	if name, ok := longNames[short]; ok && long {
		return name
	}
	return short
}

// shortNames are the names that the pattern z can parse.
var shortNames = map[string]string{
	"UT": "UTC", "UTC": "UTC", "GMT": "UTC", "EST": "America/New_York", "EDT": "America/New_York",
	"CST": "America/Chicago", "CDT": "America/Chicago", "MST": "America/Denver",
	"MDT": "America/Denver", "PST": "America/Los_Angeles", "PDT": "America/Los_Angeles",
}
