package rest_test

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/workflow"
)

// planted is the secret that must not be seen anywhere but in the params of a job.
const planted = `Pl4nted "value" of/the+test`

// safe holds one secret and says how often it was asked.
type safe struct{ asked int }

func (s *safe) Secret(_ context.Context, name, _, _ string) (string, error) {
	s.asked++
	switch name {
	case "db":
		return planted, nil
	case "doc":
		return fmt.Sprintf(`{"user": "u", "password": %q, "port": 5432}`, planted), nil
	case "down":
		return "", workflow.Errorf(workflow.CodeUnavailable, "the secret is not there now")
	}
	return "", workflow.Errorf(workflow.CodeNotFound, "there is no secret %q", name)
}

// gossip is a job that tells everything it knows, everywhere it can.
type gossip struct {
	seen  []map[string]any
	state runtime.State
	err   error
}

func (*gossip) Start(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Done}, nil
}

func (g *gossip) Execute(_ context.Context, call runtime.Call) (runtime.Result, error) {
	known := map[string]any{"token": call.Token}
	for name, p := range call.Params.All() {
		known[name] = p.Result
	}
	g.seen = append(g.seen, known)
	text, _ := json.Marshal(known)
	result := runtime.Result{State: g.state, Artifacts: &workflow.Ordered[json.RawMessage]{}, Output: &workflow.Params{}}
	result.Artifacts.Set("said", text)
	result.Timeline = []workflow.Event{{Timestamp: call.Now.UnixMilli(), Type: workflow.EventLog, Message: fmt.Sprint(known), Errors: []string{fmt.Sprint(known)}, Info: known}}
	if call.Params.Has("out") {
		result.Output.Set("out", workflow.Literal(fmt.Sprint(known["p"])))
	}
	if g.err != nil {
		return result, workflow.Errorf(workflow.CodeOf(g.err), "failed with %v", known["p"])
	}
	return result, nil
}

func (g *gossip) Terminate(context.Context, runtime.Call) (runtime.Result, error) {
	return runtime.Result{State: runtime.Stopped}, nil
}

func guardedAPI(t *testing.T, job *gossip, policy secret.Policy) (*api, *safe) {
	t.Helper()
	a := newAPI(t, func(r *runtime.Registry) { r.Add("Process", job) })
	s := &safe{}
	a.Dispatch.Secrets = &secret.Binder{Source: s, Policy: policy}
	return a, s
}

// withParams is a workflow of a job with the params, and a step that repeats its output.
func withParams(params string) string {
	return fmt.Sprintf(`{"properties": {"owner": "tester"}, "workflow": {"id": "wf", "params": {"x": {"type": "STRING", "value": "", "mode": "MUTABLE"}},
 "steps": [{"step": {"id": "job", "type": "Process", "retry_policy": {"error_retry_limit": 0, "platform_retry_limit": 0}, "params": {%s}}}]}}`, params)
}

func TestASecretReachesTheJobAndNothingElse(t *testing.T) {
	for name, job := range map[string]*gossip{
		"done": {state: runtime.Done}, "failed": {state: runtime.FatalError}, "broken": {err: workflow.ErrInternal}, "down": {err: workflow.ErrUnavailable},
	} {
		t.Run(name, func(t *testing.T) {
			a, _ := guardedAPI(t, job, secret.Policy{"tester": {"d*"}})
			a.must("POST", "/workflows", withParams(`
 "p": {"type": "STRING", "value": "Bearer ${secret:db}"}, "k": {"type": "STRING", "value": "${secret:doc#password}:${secret:doc#port}"},
 "l": {"type": "STRING_ARRAY", "value": ["a", "${secret:db}"]}, "m": {"type": "STRING_MAP", "value": {"h": "${secret:db}"}},
 "n": {"type": "MAP", "value": {"deep": {"type": "STRING", "value": "${secret:db}"}}},
 "plain": {"type": "STRING", "value": "$${secret:db}"}, "out": {"type": "STRING", "value": "", "mode": "MUTABLE"}`))
			a.start()
			if len(job.seen) == 0 {
				t.Fatal("the job was not called")
			}
			seen := job.seen[0]
			for param, want := range map[string]any{"p": "Bearer " + planted, "k": planted + ":5432", "l": []string{"a", planted},
				"m": map[string]string{"h": planted}, "n": map[string]any{"deep": planted}, "plain": "${secret:db}"} {
				if fmt.Sprint(seen[param]) != fmt.Sprint(want) {
					t.Errorf("%s is %v, want %v", param, seen[param], want)
				}
			}
			a.unseen(fmt.Sprint(seen["token"]))
		})
	}
}

// unseen looks for the secret, and more, in everything that anybody can read.
func (a *api) unseen(more ...string) {
	a.t.Helper()
	changes, _, err := a.Store.Next(a.t.Context(), "")
	if err != nil || len(changes) < 4 {
		a.t.Fatal(len(changes), err)
	}
	places := map[string]string{}
	for i, change := range changes {
		places[fmt.Sprint("change ", i, " of ", change.Key)] = string(change.Body)
	}
	for _, path := range []string{"/workflows/wf/instances/1", "/workflows/wf/instances/1/steps/job", "/workflows/wf/instances/1/runs/1/steps/job/attempts/1",
		"/workflows/wf/instances/1/steps", "/workflows/wf/timeline", "/workflows/wf/overview"} {
		_, body := a.raw("GET", path, "")
		places[path] = string(body)
	}
	quoted, _ := json.Marshal(planted)
	for place, text := range places {
		for _, secret := range append([]string{planted, string(quoted[1 : len(quoted)-1]), "Pl4nted"}, more...) {
			if strings.Contains(text, secret) {
				a.t.Errorf("%s holds it: %.2000s", place, text)
			}
		}
	}
	if !strings.Contains(places["/workflows/wf/instances/1/steps/job"], "${secret:db}") {
		a.t.Error("the step does not show its reference")
	}
}

func TestASecretThatCannotBeHad(t *testing.T) {
	for value, c := range map[string]struct{ status, word string }{
		"${secret:other}":    {"FATALLY_FAILED", "not allowed"},
		"${secret:dnone}":    {"FATALLY_FAILED", "there is no secret"},
		"${secret:doc#none}": {"FATALLY_FAILED", "no JSON object with the key"},
		"${secret:db#none}":  {"FATALLY_FAILED", "no JSON object with the key"},
		"${secret:down}":     {"RUNNING", "not there now"},
	} {
		job := &gossip{}
		a, _ := guardedAPI(t, job, secret.Policy{"tester": {"d*"}})
		a.must("POST", "/workflows", withParams(fmt.Sprintf(`"p": {"type": "STRING", "value": %q}`, value)))
		a.start()
		document := a.must("GET", "/workflows/wf/instances/1/steps/job", "")
		status := at(document, "runtime_state", "status")
		if c.status == "RUNNING" && status == "STARTING" {
			status = "RUNNING"
		}
		expect(t, value, status, c.status)
		if len(job.seen) > 0 || !strings.Contains(fmt.Sprint(document["timeline"]), c.word) {
			t.Errorf("%s: %d calls; the timeline does not say %q: %v", value, len(job.seen), c.word, document["timeline"])
		}
	}
}

// smuggled are texts that look like a reference, or become one by being put together.
var smuggled = []string{"${secret:db}", "$${secret:db}", "$$${secret:db}", "${secret:doc#password}", "${secret:db?stage=AWSCURRENT}", "${secret:${secret:db}}",
	`\u0024{secret:db}`, "${secret:db}${secret:db}", "${secret:", "secret:db}"}

// channels are ways by which a value of somebody else's gets into a param of the step: params of the step, the body
// of the start.
var channels = map[string]struct{ params, start string }{
	"run param, put into a text":                   {`"p": {"type": "STRING", "value": "a $x b"}`, `{"run_params": {"x": {"type": "STRING", "value": %q}}}`},
	"run param, put into a text with a reference":  {`"p": {"type": "STRING", "value": "$x ${secret:fine} ${x}"}`, `{"run_params": {"x": {"type": "STRING", "value": %q}}}`},
	"run param, next to dollars and braces":        {`"p": {"type": "STRING", "value": "$$${x}secret:db} ${secret:fine}${x}"}`, `{"run_params": {"x": {"type": "STRING", "value": %q}}}`},
	"run param, by an expression":                  {`"p": {"type": "STRING", "expression": "x"}`, `{"run_params": {"x": {"type": "STRING", "value": %q}}}`},
	"an expression that makes it":                  {`"p": {"type": "STRING", "expression": "'$' + '{secret' + ':db}' + x"}`, `{"run_params": {"x": {"type": "STRING", "value": %q}}}`},
	"run param, in a list":                         {`"p": {"type": "STRING_ARRAY", "value": ["$x", "${secret:fine}$x"]}`, `{"run_params": {"x": {"type": "STRING", "value": %q}}}`},
	"run param, as key and value":                  {`"p": {"type": "STRING_MAP", "value": {"$x": "$x", "k": "${secret:fine}"}}`, `{"run_params": {"x": {"type": "STRING", "value": %q}}}`},
	"run param, deep in a map":                     {`"p": {"type": "MAP", "value": {"k": {"type": "STRING", "value": "$x"}, "f": {"type": "STRING", "value": "${secret:fine} $x"}}}`, `{"run_params": {"x": {"type": "STRING", "value": %q}}}`},
	"step run param instead of a plain one":        {`"p": {"type": "STRING", "value": "plain", "mode": "MUTABLE"}`, `{"run_params": {"job": {"type": "MAP", "value": {"p": {"type": "STRING", "value": %q}}}}}`},
	"step run param instead of one that holds one": {`"p": {"type": "STRING", "value": "${secret:fine}", "mode": "MUTABLE"}`, `{"run_params": {"job": {"type": "MAP", "value": {"p": {"type": "STRING", "value": %q}}}}}`},
	"another param's reference":                    {`"q": {"type": "STRING", "value": "${secret:fine}"}, "p": {"type": "STRING", "value": "$q $x"}`, `{"run_params": {"x": {"type": "STRING", "value": %q}}}`},
}

// vigilant fails the test when it is asked for any secret that only a smuggled reference names.
type vigilant struct{ t *testing.T }

func (v vigilant) Secret(_ context.Context, name, _, _ string) (string, error) {
	if name != "fine" {
		v.t.Errorf("the secret %q was asked for", name)
	}
	return "F1NE", nil
}

func TestNoReferenceIsSmuggledIn(t *testing.T) {
	attempts := 0
	for channel, c := range channels {
		for _, text := range smuggled {
			attempts++
			job := &gossip{}
			a := newAPI(t, func(r *runtime.Registry) { r.Add("Process", job) })
			a.Dispatch.Secrets = &secret.Binder{Source: vigilant{t}, Policy: secret.Policy{"*": {"*"}}}
			a.must("POST", "/workflows", withParams(c.params))
			a.must("POST", "/workflows/wf/versions/active/actions/start", fmt.Sprintf(c.start, text))
			a.Drain(time.Second)
			if len(job.seen) == 0 {
				status := a.stepStatus("job")
				t.Errorf("%s with %q: the job was not called, it is %v", channel, text, status)
			}
		}
	}
	if attempts < 50 {
		t.Errorf("only %d attempts", attempts)
	}
}

func TestAReferenceIsRefusedWhereItWouldBeSeen(t *testing.T) {
	for name, body := range map[string]string{
		"no name":      withParams(`"p": {"type": "STRING", "value": "${secret:}"}`),
		"not closed":   withParams(`"p": {"type": "STRING", "value": "${secret:a"}`),
		"nested":       withParams(`"p": {"type": "STRING", "value": "${secret:${x}}"}`),
		"in a key":     withParams(`"p": {"type": "STRING_MAP", "value": {"${secret:a}": "x"}}`),
		"expression":   withParams(`"p": {"type": "STRING", "expression": "'${secret:a}'"}`),
		"in a tag":     strings.Replace(withParams(""), `"type": "Process"`, `"type": "Process", "tags": ["${secret:a}"]`, 1),
		"in a name":    strings.Replace(withParams(""), `"type": "Process"`, `"type": "Process", "name": "${secret:a}"`, 1),
		"in an id":     strings.Replace(withParams(""), `"id": "job"`, `"id": "${secret:a}"`, 1),
		"in a timeout": strings.Replace(withParams(""), `"type": "Process"`, `"type": "Process", "timeout": "${secret:a}"`, 1),
		"condition":    strings.Replace(withParams(""), `"type": "Process"`, `"type": "Process", "transition": {"successors": {"job2": "'${secret:a}' == x"}}`, 1),
		"signal":       strings.Replace(withParams(""), `"type": "Process"`, `"type": "Process", "signal_outputs": [{"name": "s", "params": {"k": {"type": "STRING", "value": "${secret:a}"}}}]`, 1),
		"of the whole": strings.Replace(withParams(""), `"value": ""`, `"value": "${secret:a}"`, 1),
	} {
		a, s := guardedAPI(t, &gossip{}, secret.Policy{"*": {"*"}})
		status, answer := a.call("POST", "/workflows", body)
		if status != 400 || !strings.Contains(fmt.Sprint(answer), "secret") || s.asked > 0 {
			t.Errorf("%s: %d %.300v", name, status, answer)
		}
	}
}
