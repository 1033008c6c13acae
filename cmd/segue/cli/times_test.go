package cli

import (
	"slices"
	"testing"

	"github.com/segue-workflows/segue/shared/workflow"
)

func TestTimesOfABackfill(t *testing.T) {
	t.Parallel()
	long := &workflow.Param{Type: workflow.Long}
	tests := []struct {
		name, from, to, step string
		declared             *workflow.Param
		want                 []string
	}{
		{"days over the end of a month", "2024-02-28", "2024-03-01", "1d", nil, []string{"2024-02-28", "2024-02-29", "2024-03-01"}},
		{"the last day is not reached", "2024-02-28", "2024-03-01", "2 days", long, []string{"2024-02-28", "2024-03-01"}},
		{"hours", "2026-01-01T23:00:00Z", "2026-01-02T00:30:00Z", "1h", long, []string{"2026-01-01T23:00:00Z", "2026-01-02T00:00:00Z"}},
		{"in UTC whatever the zone", "2026-01-01T01:00:00+02:00", "2026-01-01T01:00:00+02:00", "1h", nil, []string{"2025-12-31T23:00:00Z"}},
	}
	for _, tt := range tests {
		f := backfillFlags{from: tt.from, to: tt.to, step: tt.step, param: "date"}
		times, err := readTimes(f)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
			continue
		}
		runs, err := times.runs("wf", f, tt.declared)
		if err != nil {
			t.Errorf("%s: %v", tt.name, err)
		}
		var got []string
		for _, run := range runs {
			got = append(got, run.Value)
		}
		if !slices.Equal(got, tt.want) {
			t.Errorf("%s: %v, want %v", tt.name, got, tt.want)
		}
	}
}

func TestTimesThatAreRefused(t *testing.T) {
	t.Parallel()
	for name, f := range map[string]backfillFlags{
		"backwards":        {from: "2026-01-02", to: "2026-01-01", step: "1d"},
		"mixed":            {from: "2026-01-02", to: "2026-01-03T00:00:00Z", step: "1d"},
		"part of a day":    {from: "2026-01-02", to: "2026-01-03", step: "6h"},
		"standing still":   {from: "2026-01-02", to: "2026-01-03", step: "0"},
		"no step":          {from: "2026-01-02", to: "2026-01-03", step: "often"},
		"no date":          {from: "yesterday", to: "2026-01-03", step: "1d"},
		"far too many":     {from: "2026-01-02T00:00:00Z", to: "2026-01-03T00:00:00Z", step: "1s"},
		"one too many":     {from: "0001-01-01", to: "0028-05-19", step: "1d"},
		"no such day":      {from: "2026-02-30", to: "2026-03-01", step: "1d"},
		"nothing to begin": {to: "2026-03-01", step: "1d"},
	} {
		if times, err := readTimes(f); err == nil {
			t.Errorf("%s is accepted: %v", name, times)
		}
	}
}

// Whoever repeats a backfill asks for the same runs; every other one asks for others.
func TestRequestsOfABackfill(t *testing.T) {
	t.Parallel()
	first := requestOf("wf", "date", "2026-01-01", "")
	if first != requestOf("wf", "date", "2026-01-01", "") {
		t.Error("a repeated request has another id")
	}
	for _, other := range [][]string{{"wf", "date", "2026-01-02", ""}, {"wf", "date", "2026-01-01", "again"}, {"wg", "date", "2026-01-01", ""}, {"w", "fdate", "2026-01-01", ""}} {
		if first == requestOf(other...) {
			t.Errorf("%v asks for the same run", other)
		}
	}
}
