package rest_test

import (
	"encoding/base64"
	"fmt"
	"net/http"
	"testing"
	"time"
)

const flat = "/views/flatten/workflows/wf/instances/1/runs/1/steps/a"

// nested runs three outer iterations of four inner ones each; the third inner one of each fails.
func nested(t *testing.T) *api {
	a := newAPI(t, nil)
	a.Loop.Clock = busy{a}
	inner := loop("in", 4, `{"step": {"id": "a", "type": "NoOp", "transition": {"successors": {"b": "true"}}}}, {"step": {"id": "b", "type": "Sleep", "failure_mode": "IGNORE_FAILURE",
		"params": {"sleep_seconds": {"type": "LONG", "expression": "in_i == 3 ? -1 : 0"}}}}`)
	a.must("POST", "/workflows", fmt.Sprintf(`{"properties": {"owner": "tester"}, "workflow": {"id": "wf", "steps": [%s]}}`, loop("out", 3, inner)))
	a.start()
	a.pass(time.Minute)
	return a
}

// ranks returns the ranks of a page.
func ranks(page map[string]any) (out []string) {
	elements, _ := page["elements"].([]any)
	for _, element := range elements {
		out = append(out, fmt.Sprint(at(element, "iteration_rank")))
	}
	return out
}

func TestIterationsInARow(t *testing.T) {
	a := nested(t)
	var all []string
	cursor, pages := "", 0
	for {
		page := a.must("GET", flat+"?first=5&cursor="+cursor, "")
		all = append(all, ranks(page)...)
		if pages++; at(page, "page_info", "has_next_page") != true || pages > 9 {
			break
		}
		cursor = fmt.Sprint(at(page, "page_info", "end_cursor"))
	}
	expect(t, "pages", pages, 3)
	expect(t, "ranks", all, "[11-11 11-12 11-13 11-14 12-11 12-12 12-13 12-14 13-11 13-12 13-13 13-14]")

	last := a.must("GET", flat+"?last=3", "")
	expect(t, "last", ranks(last), "[13-12 13-13 13-14]")
	before := a.must("GET", flat+"?last=3&cursor="+fmt.Sprint(at(last, "page_info", "start_cursor")), "")
	expect(t, "before", ranks(before), "[12-13 12-14 13-11]")
	expect(t, "previous", at(before, "page_info", "has_previous_page"), true)
}

func TestIterationsAreFiltered(t *testing.T) {
	a := nested(t)
	b := "/views/flatten/workflows/wf/instances/1/runs/1/steps/b"
	expect(t, "failed", ranks(a.must("GET", b+"?first=9&statuses=COMPLETED_WITH_ERROR,TIMED_OUT", "")), "[11-13 12-13 13-13]")
	expect(t, "none", ranks(a.must("GET", b+"?first=9&statuses=TIMED_OUT", "")), "[]")
	wanted := base64.URLEncoding.EncodeToString([]byte(`{"in_i": 2}`))
	expect(t, "by value", ranks(a.must("GET", b+"?first=9&loopParams="+wanted, "")), "[11-12 12-12 13-12]")
	for _, query := range []string{"", "?first=0", "?first=201", "?first=1&last=1", "?first=1&cursor=x", "?first=1&statuses=GOOD", "?first=1&loopParams=x"} {
		a.refused(http.StatusBadRequest, "GET", b+query, "")
	}
}

func TestOneIterationAndTheSummary(t *testing.T) {
	a := nested(t)
	one := a.must("GET", flat+"/iterations/2-4", "")
	expect(t, "rank", one["iteration_rank"], "12-14")
	expect(t, "attempts", one["step_attempt_seq"], "11-11-11-11-11-11")
	expect(t, "values", one["loop_params"], "map[in_i:4 out_i:2]")
	expect(t, "status", at(one, "step_runtime_state", "status"), "SUCCEEDED")
	expect(t, "leaf", at(one, "leaf_step_instance_ref", "workflow_instance_id"), 4)
	for _, id := range []string{"2-5", "4-1", "2", "2-4-1"} {
		a.refused(http.StatusNotFound, "GET", flat+"/iterations/"+id, "")
	}
	a.refused(http.StatusBadRequest, "GET", flat+"/iterations/x", "")
	a.refused(http.StatusNotFound, "GET", "/views/flatten/workflows/wf/instances/1/runs/1/steps/none/summary", "")

	summary := a.must("GET", "/views/flatten/workflows/wf/instances/1/runs/1/steps/b/summary?statusCount=true&valueCount=2", "")
	expect(t, "counts", summary["count_by_status"], "map[COMPLETED_WITH_ERROR:3 SUCCEEDED:9]")
	expect(t, "range", summary["range"], "[11-11 13-14]")
	expect(t, "values", summary["loop_param_values"], "map[in_i:[1 2] out_i:[1 2]]")
	expect(t, "representative", at(summary, "representative_iteration", "iteration_rank"), "11-13")
}
