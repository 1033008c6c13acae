package definition_test

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"pgregory.net/rapid"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

// everything is a request that uses every field once.
const everything = `{"properties":{"owner":{"name":"me","x":1},"access_control":{"a":[1]},"run_strategy":{"rule":"parallel","workflow_concurrency":7},
 "step_concurrency":5,"alerting":{"emails":["a"],"pagerduties":["p"],"slack":{"users":["u"],"channels":["c"],"mention_users":["m"]},
  "bypass_digest_config":{"workflow":true,"steps":["s"]},"pagerduty_config":{"severity":"error","always_page":true},"tct":{"duration_minutes":3,"tz":"UTC"},
  "type_configs":{"long_running":{"emails":["e"],"pagerduties":["p"],"slack":{},"actions":["PAGE"],"disabled":true,"granularity":"step","duration_minutes":9}}},
 "alerting_disabled":true,"signal_trigger_disabled":false,"time_trigger_disabled":true,"description":"d"},
"is_active":false,"git_info":{"origin":"o","branch":"b","sha":"s","path":"p","author":"a","timestamp":7,"uncommitted_changes":false},"extra":{"k":[null,1.50]},
"workflow":{"id":"w","name":"n","description":"d","tags":["t",{"name":"u","namespace":"platform","by":"me"}],"timeout":"${t}","criticality":"low","instance_step_concurrency":999,
 "time_triggers":[{"type":"cron","cron":"5 2 * * *","timezone":"US/Pacific","fuzzy_max_delay":"30s"},{"type":"PREDEFINED","expression":"@DAILY"},{"type":"INTERVAL","interval":"3H","start":12}],
 "signal_triggers":[{"definitions":{"a":{"match_params":{"x":{"value":"v","operator":">="}},"join_keys":["j"]},"b":{"join_keys":["k"]}},
  "params":{"p":{"type":"LONG","value":1}},"condition":"true","dedup_expr":"'x'"}],
 "params":{"s":{"type":"string","value":"$d","mode":"constant","tags":["t"],"validator":"v","name":"s","meta":{"k":1}},"l":{"type":"LONG","value":-5},"d":{"type":"DOUBLE","value":1.250},
  "b":{"type":"BOOLEAN","value":"TRUE"},"sm":{"type":"STRING_MAP","value":{"k":"v"}},"sa":{"type":"STRING_ARRAY","value":[]},"la":{"type":"LONG_ARRAY","value":[1]},
  "da":{"type":"DOUBLE_ARRAY","value":[1.0,"2"]},"ba":{"type":"BOOLEAN_ARRAY","value":[true]},"m":{"type":"MAP","value":{"in":{"type":"MAP","value":{}}}},
  "e":{"type":"LONG","expression":"1"},"n":{"type":"STRING","internal_mode":"optional","source":"definition"}},
 "steps":[{"step":{"id":"a","name":"n","description":"d","type":"sleep","sub_type":"x","sub_type_version":"1","failure_mode":"ignore_failure","tags":["t"],"timeout":5,
   "transition":{"successors":{"f":"x > 1","l":"true"}},"params":{"p":{"type":"LONG","value":1}},
   "retry_policy":{"error_retry_limit":1,"platform_retry_limit":"2","timeout_retry_limit":"$n","backoff":{"type":"exponential_backoff","error_retry_backoff_in_secs":1,"error_retry_exponent":2,"error_retry_limit_in_secs":"1h"}},
   "signal_dependencies":[{"name":"s","match_params":{"k":{"param":{"type":"STRING","value":"v"},"operator":"="}}}],
   "signal_outputs":[{"name":"o","params":{"k":{"type":"LONG","value":1}},"payload":{"k":{"type":"BOOLEAN","value":true}}}]}},
  {"foreach":{"id":"f","concurrency":3,"strict_ordering":true,"params":{"loop_params":{"type":"MAP","value":{"i":{"type":"LONG_ARRAY","value":[1]}}}},
   "steps":[{"while":{"id":"l2","condition":"j < 3","params":{"loop_params":{"type":"MAP","value":{"j":{"type":"LONG","value":1}}}},"steps":[{"step":{"id":"x","type":"NoOp"}}]}}]}},
  {"subworkflow":{"id":"l","sync":false,"explicit_params":true,"transition":{"predecessors":["a"]},"params":{"subworkflow_id":{"type":"STRING","value":"other"}}}}]}}`

func TestEveryFieldSurvivesItsOwnJSON(t *testing.T) {
	t.Parallel()
	request, err := definition.ParseRequest([]byte(everything), definition.JSON)
	if err != nil {
		t.Fatal(workflow.DetailOf(err))
	}
	roundTrip(t, request, definition.ParseRequest)
	checked, err := definition.Validate([]byte(everything), definition.JSON)
	if err != nil || checked != (definition.Checked{Workflow: "w", Steps: 5, Expressions: 6}) {
		t.Errorf("got %+v, %v", checked, err)
	}
}

// TestMutatedRequests swaps random parts of a full request for others. Whatever comes out is refused as the user's
// fault, or survives its own JSON.
func TestMutatedRequests(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		random := rand.New(rand.NewPCG(rapid.Uint64().Draw(rt, "seed"), 2))
		var doc any
		if err := json.Unmarshal([]byte(everything), &doc); err != nil {
			rt.Fatal(err)
		}
		for range 1 + random.IntN(4) {
			doc = mutate(random, doc)
		}
		text, err := json.Marshal(doc)
		if err != nil {
			rt.Fatal(err)
		}
		checkText(t, text, definition.JSON)
		checkText(t, text, definition.YAML)
	})
}

// odd returns values that are seldom right. They are made anew each time, for a later mutation may change them.
func odd(random *rand.Rand) any {
	values := []any{nil, true, -1, 0, 1.5, 1e300, "", " ", "a", "f", "$x", "LONG", "1 h", []any{}, []any{nil}, map[string]any{}, map[string]any{"a": "true"}}
	return values[random.IntN(len(values))]
}

// mutate changes one random place of a tree.
func mutate(random *rand.Rand, value any) any {
	switch v := value.(type) {
	case map[string]any:
		if len(v) == 0 || random.IntN(6) == 0 {
			break
		}
		keys := slices.Sorted(maps.Keys(v))
		key := keys[random.IntN(len(keys))]
		switch random.IntN(8) {
		case 0:
			delete(v, key)
		case 1:
			v[keys[random.IntN(len(keys))]] = v[key]
		default:
			v[key] = mutate(random, v[key])
		}
		return v
	case []any:
		if len(v) == 0 || random.IntN(6) == 0 {
			break
		}
		i := random.IntN(len(v))
		if random.IntN(4) == 0 {
			return append(v, v[i])
		}
		v[i] = mutate(random, v[i])
		return v
	}
	return odd(random)
}

func BenchmarkParseRequest(b *testing.B) {
	text := []byte(everything)
	b.SetBytes(int64(len(text)))
	for b.Loop() {
		if _, err := definition.ParseRequest(text, definition.JSON); err != nil {
			b.Fatal(err)
		}
	}
}
