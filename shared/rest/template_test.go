package rest_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/runtime"
)

// pushed is the body of a job template with one param and a tag.
func pushed(kind, version, inherit, params string) string {
	return fmt.Sprintf(`{"owner": "platform", "support": "#help", "definition": {"job_type": %q, "step_type": "Process", "version": %q,
 "description": "sends mail", "tags": [{"name": "of-%s"}], "inherit_from": {%s}, "params": {%s}}}`, kind, version, kind, inherit, params)
}

func long(name string, value int) string {
	return fmt.Sprintf(`%q: {"type": "LONG", "value": %d, "mode": "MUTABLE"}`, name, value)
}

// kinds lists the templates of a version as "type/version".
func (a *api) kinds(query string) string {
	a.t.Helper()
	_, raw := a.raw("GET", "/job-templates"+query, "")
	var list []map[string]any
	if err := json.Unmarshal(raw, &list); err != nil {
		a.t.Fatalf("%v: %s", err, raw)
	}
	var out []string
	for _, document := range list {
		out = append(out, fmt.Sprint(at(document, "definition", "job_type"), "/", at(document, "definition", "version")))
	}
	return strings.Join(out, " ")
}

func TestJobTemplatesAreMadeReadReplacedAndRemoved(t *testing.T) {
	a := newAPI(t, nil)
	expect(t, "none", a.kinds(""), "")
	made := a.must("POST", "/job-templates", pushed("mail", "default", "", long("n", 1)))
	expect(t, "author", at(made, "metadata", "version_author"), "tester")
	a.must("POST", "/job-templates", pushed("mail", "v2", "", long("n", 2)))
	a.must("POST", "/job-templates/yaml", "owner: platform\ndefinition:\n  job_type: letter\n  step_type: Process\n  version: default\n")
	expect(t, "default ones", a.kinds(""), "letter/default mail/default")
	expect(t, "others", a.kinds("?version=v2"), "mail/v2")

	for version, n := range map[string]float64{"": 1, "?version=default": 1, "?version=v2": 2} {
		document := a.must("GET", "/job-templates/mail"+version, "")
		if got := at(document, "definition", "params", "n", "value"); fmt.Sprint(got) != fmt.Sprint(n) {
			t.Errorf("mail%s: n is %v, want %v", version, got, n)
		}
		expect(t, "support", at(document, "metadata", "support"), "#help")
	}
	a.must("POST", "/job-templates", pushed("mail", "v2", "", long("n", 3)))
	expect(t, "replaced", fmt.Sprint(at(a.must("GET", "/job-templates/mail?version=v2", ""), "definition", "params", "n", "value")), "3")

	if status, raw := a.raw("DELETE", "/job-templates/mail?version=v2", ""); status/100 != 2 {
		t.Errorf("removed: %d %s", status, raw)
	}
	a.refused(404, "GET", "/job-templates/mail?version=v2", "")
	expect(t, "the other version stays", a.kinds(""), "letter/default mail/default")
}

func TestJobTemplatesThatAreRefused(t *testing.T) {
	a := newAPI(t, nil)
	a.must("POST", "/job-templates", pushed("base", "default", "", long("n", 1)))
	for name, body := range map[string]string{
		"no JSON":         `{`,
		"no definition":   `{"owner": "platform"}`,
		"no type":         `{"owner": "platform", "definition": {"step_type": "Process", "version": "default"}}`,
		"a type to guess": pushed("a/b", "default", "", ""),
		"no such parent":  pushed("mail", "default", `"nobody": "default"`, ""),
		"its own parent":  pushed("mail", "default", `"mail": "default"`, ""),
		"a wrong param":   pushed("mail", "default", "", `"n": {"type": "LONG", "value": "x"}`),
		"another type":    pushed("mail", "default", `"base": "default"`, `"n": {"type": "STRING_ARRAY", "value": ["x"]}`),
	} {
		if status, answer := a.call("POST", "/job-templates", body); status != 400 {
			t.Errorf("%s: %d %v", name, status, answer)
		}
	}
	a.refused(404, "GET", "/job-templates/nobody", "")
	expect(t, "what is there", a.kinds(""), "base/default")
	a.must("POST", "/job-templates", pushed("mail", "default", `"base": "default"`, ""))
	if status, answer := a.call("POST", "/job-templates", pushed("base", "default", `"mail": "default"`, "")); status != 400 {
		t.Errorf("a circle: %d %v", status, answer)
	}
}

// TestAStepInheritsWhatItsTemplateInherits: the child's params lie over the parent's, the version is the step's choice,
// and the tags of both are the attempt's.
func TestAStepInheritsWhatItsTemplateInherits(t *testing.T) {
	for version, want := range map[string]string{"": "n 1 of 1", "v2": "n 7 of 1"} {
		job := &gossip{state: runtime.Done}
		a := withTemplates(t, job, nil)
		a.must("POST", "/job-templates", pushed("base", "default", "", long("n", 1)+","+long("of", 1)))
		a.must("POST", "/job-templates", pushed("mail", "default", `"base": "default"`, ""))
		a.must("POST", "/job-templates", pushed("mail", "v2", `"base": "default"`, long("n", 7)))
		step := `"type": "Process", "sub_type": "mail"`
		if version != "" {
			step += fmt.Sprintf(`, "sub_type_version": %q`, version)
		}
		a.must("POST", "/workflows", strings.Replace(withParams(""), `"type": "Process"`, step, 1))
		a.start()
		a.Drain(time.Second)
		if len(job.seen) == 0 {
			t.Fatalf("%q: the job was not called, it is %v", version, a.stepStatus("job"))
		}
		expect(t, "params of "+version, fmt.Sprint("n ", job.seen[0]["n"], " of ", job.seen[0]["of"]), want)
		tags := fmt.Sprint(a.must("GET", "/workflows/wf/instances/1/steps/job", "")["tags"])
		if !strings.Contains(tags, "of-mail") || !strings.Contains(tags, "of-base") {
			t.Errorf("%q: the tags are %s", version, tags)
		}
	}
}
