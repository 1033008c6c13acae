package param

import (
	"context"
	"encoding/json"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// parse reads params from JSON, in order.
func parse(t testing.TB, text string) *workflow.Params {
	t.Helper()
	params := &workflow.Params{}
	if err := json.Unmarshal([]byte(text), params); err != nil {
		t.Fatal(err)
	}
	return params
}

var noon = time.Date(2026, 3, 2, 5, 30, 0, 0, time.UTC)

func definition(t testing.TB, params string) *workflow.Workflow {
	return &workflow.Workflow{ID: "w", Params: parse(t, params)}
}

func resultOf(t *testing.T, params *workflow.Params, name string) any {
	t.Helper()
	p, ok := params.Get(name)
	if !ok {
		t.Fatalf("no param %s", name)
	}
	return p.Result
}

func TestBuiltinsFollowTheirZones(t *testing.T) {
	in := WorkflowInput{
		Definition: definition(t, `{}`), Owner: "me", Now: noon.Add(time.Hour),
		Initiator: &workflow.Initiator{Type: workflow.InitiatorTime, Timezone: "Asia/Tokyo", TriggerTime: noon.UnixMilli()},
	}
	params, err := Workflow(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]any{
		"DSL_DEFAULT_TZ": "UTC", "WORKFLOW_CRON_TIMEZONE": "Asia/Tokyo", "RUN_TS": noon.UnixMilli(),
		"TARGET_RUN_DATE": "20260302", "TARGET_RUN_HOUR": "14",
		"DERIVED_RUN_TS":              time.Date(2026, 3, 2, 5, 0, 0, 0, time.UTC).UnixMilli(),
		"DERIVED_RUN_DATE_US_PACIFIC": "20260301", "DERIVED_RUN_DATE_US_PACIFIC_MINUS_ONE": "20260228",
		"DERIVED_RUN_DATE_UTC": "20260302", "DERIVED_RUN_DATE_UTC_MINUS_ONE": "20260301",
		"DERIVED_RUN_DATE_UTC_PLUS_ONE": "20260303", "DERIVED_RUN_DATE_UTC_MINUS_ONE_HOUR": "20260302",
		"DERIVED_RUN_DATE_UTC_PLUS_ONE_HOUR": "20260302", "DERIVED_RUN_HOUR_US_PACIFIC": "21",
		"DERIVED_RUN_HOUR_UTC": "05", "DERIVED_RUN_HOUR_UTC_MINUS_ONE_HOUR": "04", "DERIVED_RUN_HOUR_UTC_PLUS_ONE_HOUR": "06",
		"LOCAL_RUN_DATE": "20260302", "RUN_DATE": "20260302", "RUN_DATE_MINUS_1": "20260301", "RUN_DATE_MINUS_7": "20260223",
		"owner": "me", "workflow_id": "w",
	}
	if params.Len() != len(want) {
		t.Errorf("%d built-ins, want %d: %v", params.Len(), len(want), params.Keys())
	}
	for name, value := range want {
		if got := resultOf(t, params, name); got != value {
			t.Errorf("%s = %v, want %v", name, got, value)
		}
	}
}

func TestRunParamMovesWhatDependsOnIt(t *testing.T) {
	in := WorkflowInput{Definition: definition(t, `{"d": {"type": "STRING", "value": "on ${TARGET_RUN_DATE}"}}`), Now: noon,
		RunParams: parse(t, `{"TARGET_RUN_DATE": {"type": "STRING", "value": "20200101"}}`)}
	params, err := Workflow(context.Background(), in)
	if err != nil {
		t.Fatal(err)
	}
	if got := resultOf(t, params, "DERIVED_RUN_DATE_UTC"); got != "20200101" {
		t.Errorf("derived date %v", got)
	}
	if got := resultOf(t, params, "d"); got != "on 20200101" {
		t.Errorf("d = %v", got)
	}
}
