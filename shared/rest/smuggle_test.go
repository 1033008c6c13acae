package rest_test

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/runtime/httpstep"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/workflow"
)

// giver is a job whose output is a text.
type giver struct {
	runtime.Echo
	text string
}

func (g giver) Execute(context.Context, runtime.Call) (runtime.Result, error) {
	out := &workflow.Params{}
	out.Set("out", workflow.Literal(g.text))
	return runtime.Result{State: runtime.Done, Output: out}, nil
}

// received is a workflow that a signal starts: its job gets what the signal says, what a step before it gave, and what a
// service answered, beside a reference of its own where %s has one.
const received = `{"properties": {"owner": "tester"}, "is_active": true, "workflow": {"id": "wf",
 "signal_triggers": [{"definitions": {"news": {}}}], "params": {"s": {"type": "STRING", "expression": "params.getFromSignal('news', 'said')"}},
 "steps": [
  {"step": {"id": "giver", "type": "Echo", "params": {"out": {"type": "STRING", "value": "", "mode": "MUTABLE"}}, "transition": {"successors": {"ask": "true"}}}},
  {"step": {"id": "ask", "type": "Http", "params": {"http": {"type": "MAP", "value": {"url": {"type": "STRING", "value": "%s"}}}}, "transition": {"successors": {"job": "true"}}}},
  {"step": {"id": "job", "type": "Process", "params": {%s}}}]}}`

// places are params of the job into which what was received goes, and how often.
var places = map[string]string{
	"interpolated":               `"p": {"type": "STRING", "value": "%s"}`,
	"in a text with a reference": `"p": {"type": "STRING", "value": "${secret:fine} %s"}`,
	"in a map":                   `"p": {"type": "MAP", "value": {"deep": {"type": "STRING", "value": "$${%s ${secret:fine}"}}}`,
}

// TestNoReferenceIsReceived: texts of a signal, of the output of a step and of a service's answer stay texts.
func TestNoReferenceIsReceived(t *testing.T) {
	attempts := 0
	for from, name := range map[string]string{"signal": "${s}", "output": "${giver__out}", "answer": "${ask__response_body}"} {
		for place, params := range places {
			for _, text := range smuggled {
				attempts++
				job := &gossip{state: runtime.Done}
				service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, text) }))
				allowed, err := httpstep.ParseAllowed([]string{"127.0.0.1"})
				if err != nil {
					t.Fatal(err)
				}
				a := newAPI(t, func(r *runtime.Registry) {
					r.Add("Process", job)
					r.Add("Echo", giver{text: text})
					r.Add("Http", httpstep.New(httpstep.Options{Allowed: allowed}))
				})
				a.Dispatch.Secrets = &secret.Binder{Source: vigilant{t}, Policy: secret.Policy{"*": {"*"}}}
				a.must("POST", "/workflows", fmt.Sprintf(received, service.URL, fmt.Sprintf(params, name)))
				a.Drain(time.Second)
				a.must("POST", "/signals", fmt.Sprintf(`{"name": "news", "params": {"said": %q}}`, text))
				a.Drain(time.Minute)
				service.Close()
				if len(job.seen) == 0 || !strings.Contains(fmt.Sprint(job.seen[0]["p"]), text) {
					t.Errorf("%s %s with %q: the job got %v, it is %v", from, place, text, job.seen, a.stepStatus("job"))
				}
			}
		}
	}
	if attempts < 50 {
		t.Errorf("only %d attempts", attempts)
	}
}
