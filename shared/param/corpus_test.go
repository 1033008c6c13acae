package param_test

import (
	"context"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/expression"
	"github.com/segue-workflows/segue/shared/param"
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

func request(t *testing.T, file string) (*workflow.Request, bool) {
	t.Helper()
	text, err := os.ReadFile(filepath.Join(corpus(t), file))
	if err != nil {
		t.Fatal(err)
	}
	request, err := definition.ParseRequest(text, definition.FormatOf(file))
	return request, err == nil
}

var start = time.Date(2026, 3, 2, 5, 30, 0, 0, time.UTC)

// templates finds the params of the job templates of the corpus.
func templates(t *testing.T) func(context.Context, *workflow.Step, *workflow.Params) (*param.Template, error) {
	var template struct {
		Definition struct {
			Params  *workflow.Params
			JobType string `json:"job_type"`
		}
	}
	text, err := os.ReadFile(filepath.Join(corpus(t), "server-jobtemplates/sample-job-template-1.json"))
	if err != nil {
		t.Fatal(err)
	}
	if err := json.Unmarshal(text, &template); err != nil {
		t.Fatal(err)
	}
	return func(_ context.Context, step *workflow.Step, _ *workflow.Params) (*param.Template, error) {
		if step.SubType == template.Definition.JobType {
			return &param.Template{Params: template.Definition.Params}, nil
		}
		image := workflow.Literal("spark:3") // the corpus has steps of a template spark, and not the template
		container := &workflow.Params{}
		container.Set("image", image)
		params := &workflow.Params{}
		params.Set("kubernetes", workflow.Literal(container))
		return &param.Template{Params: params}, nil
	}
}

func TestCorpusPassesTheDryRun(t *testing.T) {
	refused := map[string]string{"sample-invalid-wf-dry-run-failure.json": "input_path"}
	var files []string
	for _, pattern := range []string{"server-samples/*.json", "server-samples/yaml/*.yaml", "dsl-fixtures/*.yaml",
		"server-jobtemplates/*-wf.json", "common-fixtures/workflows/request/*.json"} {
		found, _ := filepath.Glob(filepath.Join(corpus(t), pattern))
		files = append(files, found...)
	}
	runtime := param.Runtime{Template: templates(t)}
	checked := 0
	for _, file := range files {
		relative, _ := filepath.Rel(corpus(t), file)
		request, ok := request(t, relative)
		if !ok {
			continue // refused before, as package definition's tests say
		}
		checked++
		err := param.DryRun(context.Background(), request, runtime, start)
		if reason, wanted := refused[filepath.Base(file)]; wanted {
			if err == nil || !strings.Contains(err.Error(), reason) {
				t.Errorf("%s: got %v, want it refused for %s", relative, err, reason)
			}
		} else if err != nil {
			t.Errorf("%s: %v", relative, err)
		}
		for _, problem := range param.Check(request) {
			t.Logf("%s: %s: %s", relative, problem.Path, problem.Text)
		}
	}
	if checked < 35 {
		t.Errorf("only %d definitions", checked)
	}
}

// TestEveryExpressionOfTheCorpusCompiles looks into all documents, instances and templates too.
func TestEveryExpressionOfTheCorpusCompiles(t *testing.T) {
	count := 0
	err := filepath.WalkDir(corpus(t), func(path string, entry fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(path) != ".json" {
			return err
		}
		text, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		var document any
		if json.Unmarshal(text, &document) != nil {
			return nil // some are invalid on purpose
		}
		for _, text := range expressions(document) {
			count++
			if _, err := expression.Compile(text, expression.Options{}); err != nil {
				t.Errorf("%s: %v", filepath.Base(path), err)
			}
		}
		return nil
	})
	if err != nil || count < 100 {
		t.Errorf("%d expressions, %v", count, err)
	}
}

// expressions finds the expressions of params in any document.
func expressions(document any) []string {
	var out []string
	switch v := document.(type) {
	case []any:
		for _, item := range v {
			out = append(out, expressions(item)...)
		}
	case map[string]any:
		text, isText := v["expression"].(string)
		kind, typed := v["type"].(string)
		if isText && typed && !strings.EqualFold(kind, workflow.TriggerPredefined) {
			out = append(out, text)
		}
		for _, item := range v {
			out = append(out, expressions(item)...)
		}
	}
	return out
}

func TestSampleDagParams(t *testing.T) {
	want := map[string]map[string]any{
		"server-samples/sample-dag-test-1.json": {"foo": "September"},
		"server-samples/sample-dag-test-2.json": {"param1": "6f1c", "param2": "6f1c"},
		"server-samples/sample-dag-test-3.json": {"foo": "bar1"},
	}
	for file, values := range want {
		request, ok := request(t, file)
		if !ok {
			t.Fatalf("%s does not parse", file)
		}
		params, err := param.Workflow(context.Background(), param.WorkflowInput{
			Definition: request.Workflow, Owner: "tester", Now: start,
			Runtime:   param.Runtime{UUID: func() string { return "6f1c" }},
			Initiator: &workflow.Initiator{Type: workflow.InitiatorManual, User: &workflow.User{Name: "tester"}}})
		if err != nil {
			t.Errorf("%s: %v", file, err)
			continue
		}
		for name := range request.Workflow.Params.All() {
			p, _ := params.Get(name)
			t.Logf("%s: %s = %v", file, name, p.Result)
		}
		for name, value := range values {
			if p, _ := params.Get(name); p.Result != value {
				t.Errorf("%s: %s = %v, want %v", file, name, p.Result, value)
			}
		}
	}
}
