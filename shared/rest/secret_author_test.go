package rest_test

import (
	"fmt"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/secret"
	"github.com/segue-workflows/segue/shared/template"
)

// as sends a request that must succeed as another user.
func (a *api) as(user, method, path, body string) {
	a.t.Helper()
	request := httptest.NewRequest(method, "/api/v3"+path, strings.NewReader(body))
	request.Header.Set("user", user)
	recorder := httptest.NewRecorder()
	if a.handler.ServeHTTP(recorder, request); recorder.Code/100 != 2 {
		a.t.Fatalf("%s %s as %s: %d %s", method, path, user, recorder.Code, recorder.Body)
	}
}

// withTemplates is an API whose engine knows the job templates that it takes.
func withTemplates(t *testing.T, job *gossip, policy secret.Policy) *api {
	t.Helper()
	a, _ := guardedAPI(t, job, policy)
	known := &template.Templates{Store: a.Loop.Store, Now: a.Loop.Clock.Now}
	a.Loop.Settings.Params.Template = known.Find
	return a
}

// TestAnOwnerIsOnlyAClaim: who pushed a version counts, not whom its properties call its owner.
func TestAnOwnerIsOnlyAClaim(t *testing.T) {
	for author, want := range map[string]string{"tester": "SUCCEEDED", "mallory": "FATALLY_FAILED"} {
		job := &gossip{state: runtime.Done}
		a, _ := guardedAPI(t, job, secret.Policy{"tester": {"db"}})
		a.as(author, "POST", "/workflows", withParams(`"p": {"type": "STRING", "value": "${secret:db}"}`))
		a.start()
		a.Drain(time.Second)
		expect(t, author, a.stepStatus("job"), want)
		if called := len(job.seen) > 0; called != (want == "SUCCEEDED") {
			t.Errorf("%s: the job was called: %t", author, called)
		}
	}
}

const jobTemplate = `{"owner": "tester", "definition": {"job_type": "mail", "step_type": "Process", "version": "default",
 "params": {"p": {"type": "STRING", "value": %q, "mode": "MUTABLE"}}}}`

const templated = `{"properties": {"owner": "tester"}, "workflow": {"id": "wf", "params": {"p": {"type": "STRING", "value": "plain", "mode": "MUTABLE"}},
 "steps": [{"step": {"id": "job", "type": "Process", "sub_type": "mail", "retry_policy": {"error_retry_limit": 0, "platform_retry_limit": 0}}}]}}`

// TestATemplateNeedsItsAuthorAndItsUser: the one could take the other's secrets otherwise.
func TestATemplateNeedsItsAuthorAndItsUser(t *testing.T) {
	for name, c := range map[string]struct{ author, user, want string }{
		"both":        {"alice", "alice", "SUCCEEDED"},
		"author only": {"alice", "mallory", "FATALLY_FAILED"},
		"user only":   {"mallory", "alice", "FATALLY_FAILED"},
	} {
		job := &gossip{state: runtime.Done}
		a := withTemplates(t, job, secret.Policy{"alice": {"db"}})
		a.as(c.author, "POST", "/job-templates", fmt.Sprintf(jobTemplate, "${secret:db}"))
		a.as(c.user, "POST", "/workflows", strings.Replace(templated, `"params": {"p": {"type": "STRING", "value": "plain", "mode": "MUTABLE"}},`, "", 1))
		a.start()
		a.Drain(time.Second)
		expect(t, name, a.stepStatus("job"), c.want)
		if c.want == "SUCCEEDED" && (len(job.seen) == 0 || job.seen[0]["p"] != planted) {
			t.Errorf("%s: the job was not given the secret", name)
		}
	}
}

// TestARunParamIsNoPartOfATemplate: params of a workflow are laid over those of the template; a reference in one of
// them was not written by the template.
func TestARunParamIsNoPartOfATemplate(t *testing.T) {
	for _, text := range smuggled {
		job := &gossip{state: runtime.Done}
		a := withTemplates(t, job, nil)
		a.Dispatch.Secrets = &secret.Binder{Source: vigilant{t}, Policy: secret.Policy{"*": {"*"}}}
		a.must("POST", "/job-templates", fmt.Sprintf(jobTemplate, "${secret:fine}"))
		a.must("POST", "/workflows", templated)
		a.must("POST", "/workflows/wf/versions/active/actions/start", fmt.Sprintf(`{"run_params": {"p": {"type": "STRING", "value": %q}}}`, text))
		a.Drain(time.Second)
		if len(job.seen) == 0 {
			t.Errorf("%q: the job was not called, it is %v", text, a.stepStatus("job"))
		}
	}
}
