package definition_test

import (
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/workflow"
)

// corpus returns the folder of Maestro's own files, or skips the test.
func corpus(t *testing.T) string {
	t.Helper()
	folder := os.Getenv("SEGUE_CORPUS")
	if folder == "" {
		folder = "../../../shared/corpus"
	}
	folder = filepath.Join(folder, "maestro")
	if _, err := os.Stat(folder); err != nil {
		t.Skipf("skipped: no corpus at %s (set SEGUE_CORPUS)", folder)
	}
	return folder
}

// files returns the files of a corpus folder that hold one of the extensions.
func files(t *testing.T, patterns ...string) []string {
	t.Helper()
	var found []string
	for _, pattern := range patterns {
		matches, err := filepath.Glob(filepath.Join(corpus(t), pattern))
		if err != nil {
			t.Fatal(err)
		}
		found = append(found, matches...)
	}
	if len(found) == 0 {
		t.Fatalf("the corpus has no %v", patterns)
	}
	return found
}

func load(t *testing.T, file string) []byte {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return text
}

// roundTrip checks that what a noun marshals is read as the same noun.
func roundTrip[T any](t *testing.T, noun T, parse func([]byte, definition.Format) (T, error)) {
	t.Helper()
	text, err := json.Marshal(noun)
	if err != nil {
		t.Fatal(err)
	}
	again, err := parse(text, definition.JSON)
	if err != nil {
		t.Fatalf("its own JSON is refused: %v\n%s", err, text)
	}
	if !reflect.DeepEqual(noun, again) {
		second, _ := json.Marshal(again)
		t.Errorf("its own JSON reads as another noun:\n%s\n%s", text, second)
	}
}

func TestCorpusRequests(t *testing.T) {
	t.Parallel()
	refused := map[string]string{ // the first word of each is the rule
		"sample-invalid-wf.json":          `needs the field "workflow"`,
		"sample-invalid-cron-wf-def.json": `the hour "30"`,
		"sample-dag-with-cycle-wf.json":   "cycle",
	}
	for _, file := range files(t, "server-samples/*.json", "server-samples/yaml/*.yaml", "dsl-fixtures/*.yaml",
		"server-jobtemplates/*-wf.json", "common-fixtures/workflows/request/*.json",
		"common-fixtures/api/sample-workflow-create-request*.json") {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			request, err := definition.ParseRequest(load(t, file), definition.FormatOf(file))
			if want := refused[filepath.Base(file)]; want != "" {
				if workflow.CodeOf(err) != workflow.CodeInvalid || !strings.Contains(err.Error(), want) {
					t.Errorf("got %v; want it refused with %q", err, want)
				}
				return
			}
			if err != nil {
				t.Fatal(strings.Join(workflow.DetailOf(err), "\n"))
			}
			roundTrip(t, request, definition.ParseRequest)
		})
	}
}

// field returns one field of a JSON file.
func field(t *testing.T, file, name string) []byte {
	t.Helper()
	var doc map[string]json.RawMessage
	if err := json.Unmarshal(load(t, file), &doc); err != nil {
		return nil // a list
	}
	return doc[name]
}

func TestCorpusWorkflows(t *testing.T) {
	t.Parallel()
	count := 0
	for _, file := range files(t, "common-fixtures/workflows/definition/*.json", "common-fixtures/parameters/*.json",
		"common-fixtures/api/*.json") {
		text := field(t, file, "workflow")
		if text == nil {
			continue
		}
		count++
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			body, err := definition.ParseWorkflow(text, definition.JSON)
			if err != nil {
				t.Fatal(strings.Join(workflow.DetailOf(err), "\n"))
			}
			roundTrip(t, body, definition.ParseWorkflow)
		})
	}
	if count < 10 {
		t.Errorf("the corpus has only %d workflows", count)
	}
}

// wrap makes a request of a part of one.
func wrap(before, part, after string) []byte { return []byte(before + part + after) }

func TestCorpusParts(t *testing.T) {
	t.Parallel()
	others := `,{"step":{"id":"job.2","type":"NoOp"}},{"step":{"id":"job3","type":"NoOp"}}`
	for _, c := range []struct{ pattern, before, after string }{
		{"typedsteps/*step-[wi]*.json", `{"workflow":{"id":"w","steps":[`, others + `]}}`},
		{"typedsteps/*while-step.json", `{"workflow":{"id":"w","steps":[`, `]}}`},
		{"typedsteps/*foreach-step.json", `{"workflow":{"id":"w","steps":[`, `]}}`},
		{"retry_policy/*.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp","retry_policy":`, `}}]}}`},
		{"step_outputs/*.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp","signal_outputs":`, `}}]}}`},
		{"parameters/signal-output-params.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp","signal_outputs":`, `}}]}}`},
		{"parameters/signal-dependency-params.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp","signal_dependencies":`, `}}]}}`},
		{"time_triggers/*.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp"}}],"time_triggers":[`, `]}}`},
		{"signal_triggers/*.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp"}}],"signal_triggers":[`, `]}}`},
		{"alerting/*.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp"}}]},"properties":{"alerting":`, `}}`},
		{"workflows/definition/*git-info.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp"}}]},"git_info":`, `}`},
		{"workflows/definition/sample-user-*.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp"}}]},"properties":{"owner":`, `}}`},
		{"workflows/definition/sample-tag-*.json", `{"workflow":{"id":"w","steps":[{"step":{"id":"a","type":"NoOp"}}],"tags":[`, `]}}`},
	} {
		for _, file := range files(t, "common-fixtures/"+c.pattern) {
			t.Run(filepath.Base(file), func(t *testing.T) {
				t.Parallel()
				request, err := definition.ParseRequest(wrap(c.before, string(load(t, file)), c.after), definition.JSON)
				want := map[string]string{
					"sample-typed-step-invalid.json": `needs the field "name"`,
					"signal_trigger_simple.json":     "also a match param", // a fixture of the model, which does not check
				}[filepath.Base(file)]
				if want != "" || strings.Contains(file, "invalid") {
					if workflow.CodeOf(err) != workflow.CodeInvalid || !strings.Contains(err.Error(), want) {
						t.Errorf("got %v; want it refused with %q", err, want)
					}
					return
				}
				if err != nil {
					t.Fatal(strings.Join(workflow.DetailOf(err), "\n"))
				}
				roundTrip(t, request, definition.ParseRequest)
			})
		}
	}
}

// TestStandardDecoderAgrees reads workflows without positions, as clients of the API do.
func TestStandardDecoderAgrees(t *testing.T) {
	t.Parallel()
	for _, file := range files(t, "server-samples/*.json", "common-fixtures/workflows/request/*.json") {
		request, err := definition.ParseRequest(load(t, file), definition.JSON)
		if err != nil {
			continue
		}
		text, err := json.Marshal(request.Workflow)
		if err != nil {
			t.Fatal(err)
		}
		var again workflow.Workflow
		if err := json.Unmarshal(text, &again); err != nil {
			t.Fatal(err)
		}
		if !reflect.DeepEqual(request.Workflow, &again) {
			t.Errorf("%s reads otherwise", file)
		}
	}
}
