package schedule

import (
	"strings"
	"testing"
)

func TestCron(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ text, problem string }{
		{"5 2 * * *", ""},
		{"*/2 * * * *", ""},
		{"0,30 9-17 1,15 JAN-MAR mon", ""},
		{"0 0 * * 7", ""},
		{"1-59/2 * * * *", ""},
		{"0 0 12 1/1 * ? *", ""},
		{"0 0 13 1 * ? *", ""},
		{"0 0 12 ? * MON#2", ""},
		{"0 0 12 L-3 * ?", ""},
		{"0 0 12 LW * ?", ""},
		{"0 0 12 15W * ?", ""},
		{"0 0 12 ? * 6L 2026-2030", ""},
		{"59 1,3 * * *", ""},
		{"0,59 0,23 1 * *", ""}, // not on two days in a row
		{"", "0 fields"},
		{"* * * *", "4 fields"},
		{"@daily", "1 fields"},
		{"0 30 * * *", `the hour "30"`},
		{"60 * * * *", `the minute "60"`},
		{"0 0 0 * *", `the day of the month "0"`},
		{"0 0 * 13 *", `the month "13"`},
		{"0 0 * * 8", `the day of the week "8"`},
		{"0 0 L * *", `the day of the month "L"`},
		{"5-1 * * * *", "runs backwards"},
		{"*/0 * * * *", "a step"},
		{"*/x * * * *", "a step"},
		{"-5 * * * *", `the minute "-5"`},
		{"1,,2 * * * *", `the minute "1,,2"`},
		{"+5 * * * *", `the minute "+5"`},
		{"0 0 12 * * *", "exactly one"},
		{"0 0 12 ? * ?", "exactly one"},
		{"0 0 12 ? * MON#6", `the day of the week "MON#6"`},
		{"0 0 12 ? * MON 1969", `the year "1969"`},
		{"* * * * *", "two minutes"},
		{"4,5 1 * * *", "two minutes"},
		{"0,59 * * * *", "two minutes"},
		{"0,59 0,23 * * *", "two minutes"},
		{"0/30 0 12 * * ?", "two minutes"},
	} {
		got := CheckCron(c.text)
		if (c.problem == "") != (got == "") || !strings.Contains(got, c.problem) {
			t.Errorf("%q: got %q; want %q", c.text, got, c.problem)
		}
	}
}
