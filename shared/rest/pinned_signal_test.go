package rest_test

import (
	"fmt"
	"testing"
	"time"
)

// TestPinned57WhatFailsWhenATriggerFires: a dedup text that fails leaves the id that follows from the signals, so each
// match starts its run; one that does not fail joins matches; a false condition starts none and is not tried again; and
// a trigger that the workflow no longer has consumes nothing more.
func TestPinned57WhatFailsWhenATriggerFires(t *testing.T) {
	for _, c := range []struct {
		what, rule string
		want       int
	}{
		{"a dedup text that fails", `"dedup_expr": "unknown"`, 2},
		{"one text for both", `"dedup_expr": "'same'"`, 1},
		{"a false condition", `"condition": "1 == 2"`, 0},
	} {
		t.Run(c.what, func(t *testing.T) {
			a := newAPI(t, nil)
			push := func(rule string) {
				a.must("POST", "/workflows", fmt.Sprintf(`{"properties": {"owner": "tester", "run_strategy": "parallel"}, "is_active": true, "workflow": {"id": "wf",
				  "signal_triggers": [%s], "steps": [{"step": {"id": "s", "type": "NoOp"}}]}}`, rule))
			}
			push(`{"definitions": {"a": {}}, ` + c.rule + `}`)
			for n := range 2 {
				a.announce(200, "a", fmt.Sprintf(`"n": %d`, n))
				a.Drain(time.Hour)
			}
			expect(t, "runs", a.instances(), c.want)
			push("")
			a.announce(200, "a", `"n": 2`)
			a.Drain(time.Hour)
			expect(t, "runs after the trigger is gone", a.instances(), c.want)
		})
	}
}
