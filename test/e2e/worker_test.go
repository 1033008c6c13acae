package e2e

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"
)

// TestWorkersOfThisMachineEndTheirSteps: the examples of Lambda and Queue steps, with a worker behind an address. It does
// not take its first task, and reports before its answer to the others is through.
func TestWorkersOfThisMachineEndTheirSteps(t *testing.T) {
	t.Parallel()
	var offered atomic.Int64
	worker := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var task struct{ Callback, Token string }
		body, err := io.ReadAll(r.Body)
		switch {
		case err != nil || json.Unmarshal(body, &task) != nil:
			w.WriteHeader(http.StatusBadRequest)
		case r.URL.Path == "/price":
			_, _ = io.WriteString(w, `{"params": {"total": {"type": "LONG", "value": 12}}}`)
		case offered.Add(1) == 1:
			w.WriteHeader(http.StatusServiceUnavailable)
		default:
			go func() {
				request, _ := http.NewRequest(http.MethodPut, task.Callback+"/callbacks/success", strings.NewReader(`{}`))
				request.Header.Set("Segue-Token", task.Token)
				if response, err := http.DefaultClient.Do(request); err == nil {
					_ = response.Body.Close()
				}
			}()
		}
	}))
	t.Cleanup(worker.Close)
	p := serveWith(t, nil, "--memory", "--queue", "emails="+worker.URL, "--function", "price="+worker.URL+"/price", "--function", "train="+worker.URL)
	s := &shop{t: t, url: p.client.Address()}
	for id, file := range map[string]string{"queue-job": "queue.json", "lambda-jobs": "lambda.json"} {
		s.call("POST", "/workflows", "application/json", example(t, "runtimes/"+file), http.StatusOK)
		s.run(id, `{}`)
	}
	s.says("lambda-jobs", "train", `"total":{"evaluated_result":12`)
	if offered.Load() < 3 {
		t.Errorf("%d tasks were offered; want the refused one again", offered.Load())
	}
}
