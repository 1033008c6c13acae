package template

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/param"
	"github.com/segue-workflows/segue/shared/workflow"
)

type world struct {
	*Templates
	now time.Time
}

func newWorld() *world {
	w := &world{now: time.Unix(1_700_000_000, 0)}
	clock := func() time.Time { return w.now }
	w.Templates = &Templates{Store: memory.NewStore(clock), Now: clock}
	return w
}

func (w *world) push(t *testing.T, text string) error {
	t.Helper()
	template, err := definition.ParseJobTemplate([]byte(text), definition.YAML)
	if err != nil {
		t.Fatal(err)
	}
	_, err = w.Push(context.Background(), workflow.User{Name: "u"}, template)
	return err
}

func (w *world) must(t *testing.T, texts ...string) {
	t.Helper()
	for _, text := range texts {
		if err := w.push(t, text); err != nil {
			t.Fatal(err)
		}
	}
}

const (
	parent = `definition: {job_type: parent, step_type: Kubernetes, version: default, tags: [a], params: {size: {type: LONG, value: 1},
  kubernetes: {type: MAP, value: {image: {type: STRING, value: old}, cpu: {type: STRING, value: "1"}}}}}`
	child = `definition: {job_type: child, step_type: Kubernetes, version: default, tags: [b, a], inherit_from: {parent: default},
  params: {kubernetes: {type: MAP, value: {image: {type: STRING, value: new}}}}}`
	childTwo = `definition: {job_type: child, step_type: Kubernetes, version: v2, params: {size: {type: LONG, value: 7}}}`
)

func step(version string) *workflow.Step {
	return &workflow.Step{Kind: workflow.KindStep, ID: "s", Type: "Kubernetes", SubType: "child", SubTypeVersion: version}
}

func TestAChildLiesOverItsParent(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.must(t, parent, child)
	found, err := w.Find(context.Background(), step(""), nil)
	if err != nil {
		t.Fatal(err)
	}
	container, _ := found.Params.Get("kubernetes")
	fields := container.Value.(*workflow.Params)
	image, _ := fields.Get("image")
	cpu, ok := fields.Get("cpu")
	if image.Value != "new" || !ok || cpu.Value != "1" || image.Source != workflow.SourceTemplateSchema {
		t.Errorf("image %v, cpu %v", image, cpu)
	}
	if len(found.Tags) != 2 || found.Tags[0].Name != "a" || found.Tags[1].Name != "b" || found.Tags[0].Namespace != "JOB_TEMPLATE" {
		t.Errorf("tags %v", found.Tags)
	}
}

func TestTheVersionOfAStep(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.must(t, parent, child, childTwo)
	named := func(version string) *workflow.Params {
		out := &workflow.Params{}
		p := workflow.Literal(version)
		p.Evaluated, p.Result = true, version
		out.Set(versionParam, p)
		return out
	}
	ofStep := step("")
	ofStep.Params = named("v2")
	for name, tt := range map[string]struct {
		step   *workflow.Step
		params *workflow.Params
		want   int64
	}{
		"default":                 {step(""), nil, 1},
		"its own":                 {step("v2"), named("default"), 7},
		"a param of the step":     {ofStep, named("default"), 7},
		"a param of the workflow": {step(""), named("v2"), 7},
	} {
		found, err := w.Find(context.Background(), tt.step, tt.params)
		if err != nil {
			t.Fatal(err)
		}
		if size, _ := found.Params.Get("size"); size.Value != tt.want {
			t.Errorf("%s: size %v, want %d", name, size.Value, tt.want)
		}
	}
}

func TestParamsOfTheWorkflowGoInWhereTheyFit(t *testing.T) {
	t.Parallel()
	w := newWorld()
	w.must(t, childTwo)
	for value, want := range map[any]any{int64(9): int64(9), "12": int64(12), "many": int64(7)} {
		params := &workflow.Params{}
		p := workflow.Literal(value)
		p.Evaluated, p.Result = true, value
		params.Set("size", p)
		params.Set("other", p)
		found, err := w.Find(context.Background(), step("v2"), params)
		if err != nil {
			t.Fatal(err)
		}
		size, _ := found.Params.Get("size")
		if size.Value != want || found.Params.Has("other") {
			t.Errorf("%v: size %v, want %v", value, size.Value, want)
		}
		if want != int64(7) && size.Source != workflow.SourceWorkflowParameter {
			t.Errorf("%v: source %s", value, size.Source)
		}
	}
}

func TestWhatCannotBeResolvedIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld()
	if err := w.push(t, child); workflow.CodeOf(err) != workflow.CodeInvalid {
		t.Errorf("a child without its parent: %v", err)
	}
	w.must(t, parent, child)
	circle := strings.Replace(parent, "tags: [a]", "inherit_from: {child: default}", 1)
	if err := w.push(t, circle); workflow.CodeOf(err) != workflow.CodeInvalid || !strings.Contains(workflow.TextOf(err), "itself") {
		t.Errorf("a circle: %v", err)
	}
	if err := w.push(t, strings.Replace(parent, "job_type: parent", "job_type: a/b", 1)); workflow.CodeOf(err) != workflow.CodeInvalid {
		t.Errorf("a type with a slash: %v", err)
	}
	other := step("")
	other.Type = "Http"
	for name, s := range map[string]*workflow.Step{"missing version": step("v9"), "impossible version": step("a/b"), "another type of step": other} {
		if _, err := w.Find(context.Background(), s, nil); workflow.CodeOf(err) != workflow.CodeInvalid {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTheCacheForgets(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(), context.Background()
	w.must(t, parent, child)
	elsewhere := &Templates{Store: w.Store, Now: w.Now} // another process
	size := func() any {
		found, err := elsewhere.Find(ctx, step(""), nil)
		if err != nil {
			t.Fatal(err)
		}
		p, _ := found.Params.Get("size")
		return p.Value
	}
	before := size()
	w.must(t, strings.Replace(parent, "value: 1", "value: 2", 1))
	kept := size()
	w.now = w.now.Add(TTL)
	if after := size(); before != int64(1) || kept != int64(1) || after != int64(2) {
		t.Errorf("before %v, kept %v, after %v", before, kept, after)
	}
}

func TestListLoadRemove(t *testing.T) {
	t.Parallel()
	w, ctx := newWorld(), context.Background()
	w.must(t, parent, child, childTwo)
	if list, err := w.List(ctx, Default); err != nil || len(list) != 2 {
		t.Errorf("%d of two, %v", len(list), err)
	}
	if d, err := w.Load(ctx, "child", "v2"); err != nil || d.Author != "u" {
		t.Errorf("%v, %v", d, err)
	}
	if _, err := w.Remove(ctx, "child", "v2"); err != nil {
		t.Error(err)
	}
	if _, err := w.Load(ctx, "child", "v2"); workflow.CodeOf(err) != workflow.CodeNotFound {
		t.Errorf("it is still there: %v", err)
	}
	if _, err := w.Remove(ctx, "child", "v2"); workflow.CodeOf(err) != workflow.CodeNotFound {
		t.Errorf("removed twice: %v", err)
	}
}

// TestFindIsWhatTheEngineAsksFor pins the hook.
func TestFindIsWhatTheEngineAsksFor(t *testing.T) {
	t.Parallel()
	_ = param.Runtime{Template: newWorld().Find}
}
