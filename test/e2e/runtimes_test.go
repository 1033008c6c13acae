package e2e

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"
)

// papermill stands in for the program of that name: it says with which parameters it was called, and runs the param
// script, as the notebook of Maestro's own examples does.
func papermill() {
	i := slices.Index(os.Args, "--parameters_yaml")
	var params map[string]any
	if i < 0 || i+1 == len(os.Args) || json.Unmarshal([]byte(os.Args[i+1]), &params) != nil {
		fmt.Fprintln(os.Stderr, "papermill: no parameters")
		os.Exit(2)
	}
	fmt.Printf("papermill %s with %s\n", os.Args[1], os.Args[i+1])
	script, _ := params["script"].(string)
	command := exec.Command("/bin/sh", "-c", script)
	command.Stdout, command.Stderr = os.Stdout, os.Stderr
	if err := command.Run(); err != nil {
		fmt.Fprintln(os.Stderr, "papermill:", err)
		os.Exit(1)
	}
}

// shop is a server that runs processes, and calls services of this machine.
type shop struct {
	t   *testing.T
	url string
}

// openShop starts a server whose jobs find stand-ins for what is not on every machine.
func openShop(t *testing.T) *shop {
	t.Helper()
	bin := t.TempDir()
	for name, text := range map[string]string{
		"python3": "#!/bin/sh\n[ \"$1\" = -c ] && echo \"python: $2\"\nexit 0\n", // installing something with pip does nothing
		"sqlite3": "#!/bin/sh\necho \"sqlite: $2\"\n",
	} {
		if err := os.WriteFile(filepath.Join(bin, name), []byte(text), 0o700); err != nil {
			t.Fatal(err)
		}
	}
	p := serveWith(t, []string{"PATH=" + bin + string(os.PathListSeparator) + os.Getenv("PATH")}, "--memory", "--allow-exec", "--http-allow", "127.0.0.1")
	return &shop{t: t, url: p.client.Address()}
}

// call sends a request, and decodes an answer of the wanted status.
func (s *shop) call(method, path, kind string, body []byte, want int) map[string]any {
	s.t.Helper()
	request, err := http.NewRequestWithContext(s.t.Context(), method, s.url+"/api/v3"+path, strings.NewReader(string(body)))
	if err != nil {
		s.t.Fatal(err)
	}
	request.Header.Set("Content-Type", kind)
	request.Header.Set("user", "tester")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		s.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	text, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != want {
		s.t.Fatalf("%s %s: %s, want %d (%v)\n%s", method, path, response.Status, want, err, text)
	}
	var out map[string]any
	if len(text) > 0 && json.Unmarshal(text, &out) != nil {
		s.t.Fatalf("%s %s: no JSON: %s", method, path, text)
	}
	return out
}

// run starts a workflow, waits until it has ended, and fails unless it succeeded.
func (s *shop) run(id, body string) {
	s.t.Helper()
	s.call("POST", "/workflows/"+id+"/versions/active/actions/start", "application/json", []byte(body), http.StatusOK)
	for deadline := time.Now().Add(time.Minute); ; <-time.After(50 * time.Millisecond) {
		instance := s.call("GET", "/workflows/"+id+"/instances/1", "application/json", nil, http.StatusOK)
		switch status := fmt.Sprint(instance["status"]); {
		case status == "SUCCEEDED":
			return
		case status != "IN_PROGRESS" && status != "CREATED" || time.Now().After(deadline):
			steps := s.call("GET", "/workflows/"+id+"/instances/1/runs/1/steps", "application/json", nil, http.StatusOK)
			s.t.Fatalf("%s is %s: %v", id, status, steps)
		}
	}
}

// step returns the text of a step as the API shows it.
func (s *shop) step(id, step string) string {
	s.t.Helper()
	text, err := json.Marshal(s.call("GET", "/workflows/"+id+"/instances/1/steps/"+step, "application/json", nil, http.StatusOK))
	if err != nil {
		s.t.Fatal(err)
	}
	return string(text)
}

// says fails unless a step shows all of the texts.
func (s *shop) says(id, step string, texts ...string) {
	s.t.Helper()
	shown := s.step(id, step)
	for _, text := range texts {
		if !strings.Contains(shown, text) {
			s.t.Errorf("%s of %s does not show %q: %s", step, id, text, shown)
		}
	}
}

// corpus returns the text of one of Maestro's own samples.
func corpus(t *testing.T, file string) []byte {
	t.Helper()
	root := os.Getenv("SEGUE_CORPUS")
	if root == "" {
		root = "../../../shared/corpus"
	}
	if _, err := os.Stat(root); err != nil {
		t.Skipf("skipped: no corpus at %s (set SEGUE_CORPUS)", root)
	}
	text, err := os.ReadFile(filepath.Join(root, "maestro", file))
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// TestSamplesOfMaestroRun: its definitions, sent as they are, run as processes and requests.
func TestSamplesOfMaestroRun(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		id, file, template string
		shown              map[string][]string // by step
		output             string              // the step whose job gave foo back
	}{
		{"sample-kubernetes-wf", "server-samples/sample-kubernetes-wf.json", "", map[string][]string{"job.2": {"hello world"}}, ""},
		{"sample-kubernetes-output-wf", "server-samples/sample-kubernetes-output-wf.json", "",
			map[string][]string{"job1": {"hello world", "demo_table"}, "end": {`"status":"SUCCEEDED"`}}, "job1"}, // end waits for foo to change
		{"sample-notebook-wf", "server-samples/sample-notebook-wf.json", "", map[string][]string{"job.2": {"demo01.ipynb", "hello world", "demo_table"}}, "job.2"},
		{"sample-shell-wf", "server-jobtemplates/sample-shell-wf.json", "server-jobtemplates/sample-job-template-1.json",
			map[string][]string{"job.2": {"demo01.ipynb", "hello world", "demo_table"}}, "job.2"},
	} {
		t.Run(tt.id, func(t *testing.T) {
			t.Parallel()
			definition := corpus(t, tt.file)
			s := openShop(t)
			if tt.template != "" {
				s.call("POST", "/job-templates", "application/json", corpus(t, tt.template), http.StatusOK)
			}
			s.call("POST", "/workflows", "application/json", definition, http.StatusOK)
			s.run(tt.id, `{"initiator": {"type": "manual"}}`)
			for step, texts := range tt.shown {
				s.says(tt.id, step, texts...)
			}
			if tt.output != "" {
				shown := s.call("GET", "/workflows/"+tt.id+"/instances/1/steps/"+tt.output, "application/json", nil, http.StatusOK)
				params, _ := shown["params"].(map[string]any)
				if foo, _ := params["foo"].(map[string]any); foo["evaluated_result"] != "bar" {
					t.Errorf("foo is %v, want what the job gave back", foo)
				}
			}
		})
	}
}

// TestTheHTTPSampleOfMaestroRuns: its steps call the very server that runs them, at the address that the sample names.
func TestTheHTTPSampleOfMaestroRuns(t *testing.T) {
	t.Parallel()
	definition := corpus(t, "server-samples/yaml/sample-http-wf.yaml")
	s := openShop(t)
	definition = []byte(strings.ReplaceAll(string(definition), "http://localhost:8080", s.url))
	s.call("POST", "/workflows/yaml", "application/yaml", definition, http.StatusOK)
	s.run("sample-http-wf", `{"initiator": {"type": "manual"}}`)
	s.says("sample-http-wf", "job.3", "sample-wf-2")
	s.says("sample-http-wf", "job.5", "404")
}

// TestRuntimeExamplesRun: what people copy ends as its description says.
func TestRuntimeExamplesRun(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	var asked atomic.Int64
	service := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if asked.Add(1) < 3 {
			w.WriteHeader(http.StatusServiceUnavailable)
		}
		_, _ = io.WriteString(w, "ready now")
	}))
	t.Cleanup(service.Close)
	for _, tt := range []struct {
		file, id, start string
		shown           map[string][]string
	}{
		{"container.json", "container-job", `{}`, map[string][]string{"greet": {"hello from a job"}}},
		{"kubernetes.json", "kubernetes-job", `{}`, map[string][]string{"count": {`"rows"`}, "many": {`"status":"SUCCEEDED"`}}},
		{"notebook.json", "notebook-job", `{}`, map[string][]string{"report": {"papermill report.ipynb with", "2026-03-01"}}},
		{"http.json", "http-poll", `{"run_params": {"url": {"type": "STRING", "value": "` + service.URL + `"}}}`, map[string][]string{"ready": {"ready now"}}},
	} {
		t.Run(tt.id, func(t *testing.T) {
			s := &shop{t: t, url: s.url}
			s.call("POST", "/workflows", "application/json", example(t, "runtimes/"+tt.file), http.StatusOK)
			s.run(tt.id, tt.start)
			for step, texts := range tt.shown {
				s.says(tt.id, step, texts...)
			}
		})
	}
	if asked.Load() != 3 {
		t.Errorf("the service was asked %d times; want until it was ready", asked.Load())
	}
}

// TestTemplateExamplesRun pushes the templates as the README says, and runs a step of each.
func TestTemplateExamplesRun(t *testing.T) {
	t.Parallel()
	s := openShop(t)
	for _, name := range []string{"script", "shell", "python", "sql", "notebook"} {
		command := exec.Command("segue", "template", "push", "../../examples/templates/"+name+".yaml")
		command.Env = append(os.Environ(), "SEGUE_URL="+s.url)
		if out, err := command.CombinedOutput(); err != nil {
			t.Fatalf("%s: %v\n%s", name, err, out)
		}
	}
	s.call("POST", "/workflows", "application/json", example(t, "templates/jobs.json"), http.StatusOK)
	s.run("template-jobs", `{}`)
	s.says("template-jobs", "hello", `"rows"`)
	s.says("template-jobs", "count", "python: print('the day is 2026-03-01')")
	s.says("template-jobs", "query", "sqlite: select '2026-03-01';")
	s.says("template-jobs", "report", "papermill report.ipynb with", `\"rows\":3`)
}

func example(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("../../examples", file))
	if err != nil {
		t.Fatal(err)
	}
	return text
}
