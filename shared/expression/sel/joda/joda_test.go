package joda

import (
	"testing"
	"time"

	"pgregory.net/rapid"
)

func zone(t testing.TB, id string) *Zone {
	t.Helper()
	z, err := ForID(id)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

// at reads an ISO time in a zone.
func at(t testing.TB, text, id string) DateTime {
	t.Helper()
	d, err := ParseISO(text, zone(t, id))
	if err != nil {
		t.Fatal(text, err)
	}
	return d
}

func TestCivilFieldsAgreeWithGo(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		millis := rapid.Int64Range(-100_000_000_000_000, 100_000_000_000_000).Draw(t, "millis")
		d, g := DateTime{millis, UTC}, time.UnixMilli(millis).UTC()
		year, week := g.ISOWeek()
		for _, c := range []struct {
			field Field
			want  int
		}{
			{Year, g.Year()}, {MonthOfYear, int(g.Month())}, {DayOfMonth, g.Day()}, {DayOfYear, g.YearDay()},
			{DayOfWeek, (int(g.Weekday())+6)%7 + 1}, {Weekyear, year}, {WeekOfWeekyear, week},
			{HourOfDay, g.Hour()}, {MinuteOfHour, g.Minute()}, {SecondOfMinute, g.Second()},
			{MillisOfSecond, g.Nanosecond() / 1e6}, {MinuteOfDay, g.Hour()*60 + g.Minute()},
		} {
			if got := d.Get(c.field); got != int64(c.want) {
				t.Fatalf("%v: field %d is %d, want %d", g, c.field, got, c.want)
			}
		}
		if got := (date{int64(g.Year()), int64(g.Month()), int64(g.Day())}).days(); got != floorDiv(millis, day) {
			t.Fatalf("%v: %d days", g, got)
		}
	})
}

func TestSetFieldReadsBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		d := DateTime{rapid.Int64Range(-1e14, 1e14).Draw(t, "millis"), UTC}
		f := Field(rapid.IntRange(int(Year), int(MillisOfSecond)).Draw(t, "field"))
		low, high := d.Bounds(f)
		v := rapid.Int64Range(max(low, -9000), min(high, 9000)).Draw(t, "value")
		got, err := d.With(f, v)
		if err != nil || got.Get(f) != v {
			t.Fatalf("field %d of %v set to %d: %v, %v", f, d, v, got, err)
		}
		if _, err := d.With(f, high+1); err == nil {
			t.Fatalf("field %d takes %d", f, high+1)
		}
	})
}

func TestPrintedTimeReadsBack(t *testing.T) {
	ids := []string{"UTC", "US/Pacific", "Europe/Berlin", "Asia/Kolkata", "Australia/Lord_Howe", "-03:30"}
	full, err := ForPattern("yyyy-MM-dd'T'HH:mm:ss.SSSZZ", 2020)
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		z, err := ForID(rapid.SampledFrom(ids).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		d := DateTime{rapid.Int64Range(0, 4e12).Draw(t, "millis"), z}
		iso, err := ParseISO(d.String(), z)
		if err != nil || iso != d {
			t.Fatalf("%v became %v, %v", d, iso, err)
		}
		parsed, err := full.WithZone(z).Parse(full.Print(d))
		if err != nil || parsed != d {
			t.Fatalf("%v became %v, %v", d, parsed, err)
		}
	})
}

func TestDaylightSaving(t *testing.T) {
	plus := func(d DateTime, n int64, u Unit) DateTime {
		t.Helper()
		later, err := d.Plus(n, u)
		if err != nil {
			t.Fatal(err)
		}
		return later
	}
	ambiguous := at(t, "2020-11-01T01:30", "US/Pacific")
	for _, tt := range []struct {
		name string
		got  DateTime
		want string
	}{
		{"ambiguous is earlier", ambiguous, "2020-11-01T01:30:00.000-07:00"},
		{"hours elapse", plus(ambiguous, 1, Hours), "2020-11-01T01:30:00.000-08:00"},
		{"days keep local time", plus(at(t, "2020-03-07T12:00", "US/Pacific"), 1, Days), "2020-03-08T12:00:00.000-07:00"},
		{"gap moves forward", plus(at(t, "2020-03-07T02:30", "US/Pacific"), 1, Days), "2020-03-08T03:30:00.000-07:00"},
		{"gap east of Greenwich", plus(at(t, "2020-02-29T02:30", "Europe/Berlin"), 1, Months), "2020-03-29T03:30:00.000+02:00"},
		{"day begins in a gap", at(t, "2018-11-04T12:00", "America/Sao_Paulo").StartOfDay(), "2018-11-04T01:00:00.000-02:00"},
	} {
		if got := tt.got.String(); got != tt.want {
			t.Errorf("%s: %s, want %s", tt.name, got, tt.want)
		}
	}
	late, err := plus(ambiguous, 1, Hours).With(MinuteOfHour, 5)
	if err != nil || late.String() != "2020-11-01T01:05:00.000-08:00" {
		t.Errorf("the offset is lost: %v, %v", late, err)
	}
	if d, err := ParseISO("2020-03-08T02:30", zone(t, "US/Pacific")); err == nil {
		t.Errorf("parsed a time in a gap: %v", d)
	}
	if d, err := Date([7]int64{2020, 3, 29, 2, 30, 0, 0}, zone(t, "Europe/Berlin")); err == nil {
		t.Errorf("built a time in a gap: %v", d)
	}
	if d, err := at(t, "2020-03-08T01:30", "US/Pacific").With(HourOfDay, 2); err == nil {
		t.Errorf("set an hour in a gap: %v", d)
	}
	days := at(t, "2020-03-07T12:00", "US/Pacific").DaysUntil(at(t, "2020-03-09T11:00", "US/Pacific"))
	if days != 1 {
		t.Errorf("%d days", days)
	}
}

func TestArithmeticStaysInRange(t *testing.T) {
	for _, unit := range []Unit{Years, Months, Weeks, Days} {
		d := DateTime{0, UTC}
		for _, n := range []int64{1<<31 - 1, -1 << 31} {
			if later, err := d.Plus(n, unit); err == nil && (later.Get(Year) > maxYear || later.Get(Year) < minYear) {
				t.Errorf("unit %d, %d: %v", unit, n, later)
			}
		}
	}
	end, err := DateTime{0, UTC}.Plus(maxYear-1970, Years)
	if err != nil {
		t.Fatal(err)
	}
	if later, err := end.Plus(1, Years); err == nil {
		t.Errorf("went to %v", later)
	}
	if later, err := (DateTime{1<<63 - 1, UTC}).Plus(1, Millis); err == nil {
		t.Errorf("went to %v", later)
	}
}

func TestPrint(t *testing.T) {
	d := at(t, "2021-01-03T15:04:05.067", "America/New_York")
	for pattern, want := range map[string]string{
		"yyyy-MM-dd": "2021-01-03", "yy M d": "21 1 3", "yyyyy": "02021", "EEE EEEE e": "Sun Sunday 7",
		"MMM MMMM MM": "Jan January 01", "xxxx ww": "2020 53", "D DDD": "3 003", "h hh H HH k K a": "3 03 15 15 15 3 PM",
		"m ss S SS SSS SSSSS": "4 05 0 06 067 06700", "Z ZZ ZZZ": "-0500 -05:00 America/New_York",
		"z zzzz": "EST Eastern Standard Time", "G YYYY C": "AD 2021 20", "'T' '' ''''": "T ' ''", "yyyy.'a''b'": "2021.a'b",
	} {
		f, err := ForPattern(pattern, 2021)
		if err != nil {
			t.Errorf("%s: %v", pattern, err)
			continue
		}
		if got := f.Print(d); got != want {
			t.Errorf("%s: %q, want %q", pattern, got, want)
		}
	}
	for _, pattern := range []string{"", "b", "yyyy i", "u", "A"} {
		if _, err := ForPattern(pattern, 2021); err == nil {
			t.Errorf("%q is a pattern", pattern)
		}
	}
}

func TestParse(t *testing.T) {
	for _, tt := range []struct{ pattern, text, want string }{ // want is "!" when it fails
		{"yyyyMMdd", "20210703", "2021-07-03T00:00:00.000Z"}, {"yyyyMMdd", "2021073", "2021-07-03T00:00:00.000Z"},
		{"yyyyMMdd", "20210229", "!"}, {"yyyyMMdd", "2021070", "!"}, {"yyyyMMdd", "20210703x", "!"}, {"yyyyMMdd", "", "!"},
		{"yyyyMMddHH", "2021070324", "!"}, {"yyyyMMddkk", "2021070324", "2021-07-03T00:00:00.000Z"},
		{"yyyy-MM-dd HH:mm:ss.SSS", "2021-7-3 1:2:3.4", "2021-07-03T01:02:03.400Z"}, {"yyyy", "12021", "12021-01-01T00:00:00.000Z"},
		{"yyyy", "-5", "-0005-01-01T00:00:00.000Z"}, {"MM-dd", "02-29", "2000-02-29T00:00:00.000Z"}, {"HH:mm", "01:02", "1970-01-01T01:02:00.000Z"},
		{"yy", "99", "1999-01-01T00:00:00.000Z"}, {"yy", "40", "2040-01-01T00:00:00.000Z"}, {"yy", "41", "1941-01-01T00:00:00.000Z"}, {"yy", "1234", "1234-01-01T00:00:00.000Z"},
		{"yyMMdd", "210703", "2021-07-03T00:00:00.000Z"}, {"dd MMM yyyy", "03 JUL 2021", "2021-07-03T00:00:00.000Z"}, {"dd MMM yyyy", "03 july 2021", "2021-07-03T00:00:00.000Z"},
		{"dd MMM yyyy", "03 Foo 2021", "!"}, {"EEE d MMMM yyyy", "Sat 3 July 2021", "2021-07-03T00:00:00.000Z"}, {"h:mm a", "12:30 AM", "1970-01-01T00:30:00.000Z"},
		{"h:mm a", "12:30 pm", "1970-01-01T12:30:00.000Z"}, {"h:mm a", "13:30 PM", "!"}, {"xxxx-ww-e", "2020-53-7", "2021-01-03T00:00:00.000Z"},
		{"yyyy-DDD", "2020-366", "2020-12-31T00:00:00.000Z"}, {"yyyy-DDD", "2021-366", "!"}, {"yyyy Z", "2021 +0130", "2020-12-31T22:30:00.000Z"},
		{"yyyy ZZ", "2021 Z", "2021-01-01T00:00:00.000Z"}, {"yyyy ZZZ", "2021 Asia/Tokyo", "2021-01-01T00:00:00.000+09:00"}, {"yyyy z", "2021 PST", "2021-01-01T00:00:00.000-08:00"},
		{"yyyy zzzz", "2021 Pacific Standard Time", "!"}, {"yyyy ZZZ", "2021 Nowhere", "!"}, {"YYYY G", "44 BC", "-0043-01-01T00:00:00.000Z"}, {"'T'yyyy", "t2021", "2021-01-01T00:00:00.000Z"},
	} {
		f, err := ForPattern(tt.pattern, 2021)
		if err != nil {
			t.Fatal(err)
		}
		d, err := f.Parse(tt.text)
		got := "!"
		if err == nil {
			got = d.String()
		}
		if got != tt.want {
			t.Errorf("%s of %q: %s, want %s", tt.pattern, tt.text, got, tt.want)
		}
	}
}

func TestParseISO(t *testing.T) {
	for text, want := range map[string]string{
		"2020": "2020-01-01T00:00:00.000Z", "2020-02": "2020-02-01T00:00:00.000Z", "2020-2-9": "2020-02-09T00:00:00.000Z",
		"2020-060": "2020-02-29T00:00:00.000Z", "2020-W10": "2020-03-02T00:00:00.000Z", "2020-W10-3": "2020-03-04T00:00:00.000Z",
		"2020-02-29T": "2020-02-29T00:00:00.000Z", "2020-02-29T10": "2020-02-29T10:00:00.000Z", "2020-02-29T10.5": "2020-02-29T10:30:00.000Z",
		"2020-02-29T10:30:15,123456": "2020-02-29T10:30:15.123Z", "2020-02-29T10:30+02:00": "2020-02-29T08:30:00.000Z",
		"2020-02-29T10:30-0230": "2020-02-29T13:00:00.000Z", "T10:30": "1970-01-01T10:30:00.000Z", "2020-02-29TZ": "2020-02-29T00:00:00.000Z",
		"-0001-01-01": "-0001-01-01T00:00:00.000Z", "20200229": "20200229-01-01T00:00:00.000Z",
		"": "!", "T": "!", "2020-13-01": "!", "2020-02-30": "!", "2020-02-29 10:30": "!", "x": "!", "2020-W54": "!", "2020-02-29T24:00": "!", "2020-02-29T10:30+25:00": "!",
	} {
		d, err := ParseISO(text, UTC)
		got := "!"
		if err == nil {
			got = d.String()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", text, got, want)
		}
	}
}

func TestForID(t *testing.T) {
	for id, want := range map[string]string{
		"UTC": "UTC", "US/Pacific": "US/Pacific", "+08:00": "+08:00", "-0330": "-03:30", "+00:00": "UTC", "Etc/GMT+8": "Etc/GMT+8",
		"": "!", "Local": "!", "XX": "!", "../etc/passwd": "!", "/etc/localtime": "!", "+25:00": "!", "PST": "!",
	} {
		z, err := ForID(id)
		got := "!"
		if err == nil {
			got = z.String()
		}
		if got != want {
			t.Errorf("%q: %s, want %s", id, got, want)
		}
	}
}

func FuzzPattern(f *testing.F) {
	f.Add("yyyy-MM-dd'T'HH:mm:ss.SSSZZ", "2020-02-29T10:30:15.123+01:00")
	f.Add("EEE, d MMM yy h:mm a z", "Sat, 3 Jul 21 4:05 PM PDT")
	f.Fuzz(func(t *testing.T, pattern, text string) {
		p, err := ForPattern(pattern, 2021)
		if err != nil {
			return
		}
		if d, err := p.Parse(text); err == nil {
			p.Print(d)
		}
		if d, err := ParseISO(text, UTC); err == nil {
			p.Print(d)
		}
	})
}
