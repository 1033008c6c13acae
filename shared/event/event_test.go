package event_test

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/workflow"
)

var alice = workflow.User{Name: "alice"}

// consumer takes events, and fails as often as it is told.
type consumer struct {
	got  []*event.Event
	fail int
}

func (c *consumer) Publish(_ context.Context, events []*event.Event) error {
	if c.fail--; c.fail >= 0 {
		c.got = append(c.got, events[:1]...) // taken, and the answer is lost
		return errors.New("down")
	}
	c.got = append(c.got, events...)
	return nil
}

// until is a clock that ends a pump when there is nothing left to do: it sleeps only then, and after failures.
type until struct {
	*enginetest.World
	end context.CancelFunc
}

func (u *until) Sleep(ctx context.Context, d time.Duration) error {
	if d < time.Second {
		u.end()
		return context.Canceled
	}
	return u.World.Sleep(ctx, d)
}

func pump(w *enginetest.World, p event.Publisher) {
	ctx, end := context.WithCancel(w.T.Context())
	defer end()
	(&event.Pump{Reader: &event.Reader{Loop: w.Loop, Cluster: "test"}, Feed: w.Store, Publisher: valid{w.T, p}, Clock: &until{World: w, end: end},
		Name: "consumer", Log: slog.New(slog.DiscardHandler)}).Run(ctx)
}

func told(events []*event.Event) string {
	var out []string
	for _, e := range events {
		line := strings.TrimSuffix(e.Type, "_CHANGE_EVENT") + " " + e.Entity()
		for _, c := range e.Changes {
			line += " " + c.Old + ">" + c.New
		}
		if e.New != "" {
			line += " " + e.Old + ">" + e.New
		}
		out = append(out, line)
	}
	return strings.Join(out, "\n")
}

func chain(t *testing.T) *enginetest.World {
	w := enginetest.New(t, nil)
	w.Push(&workflow.Workflow{ID: "wf", Steps: []*workflow.Step{enginetest.Step("a", "NoOp", "b"), enginetest.Step("b", "Echo")}}, workflow.DefaultRunStrategy)
	w.Start("wf", "r1")
	w.Drain(time.Minute)
	return w
}

func TestEveryStatusIsTold(t *testing.T) {
	w := chain(t)
	c := &consumer{}
	pump(w, c)
	last := map[string]string{}
	sequence := map[string]int64{}
	for _, e := range c.got {
		if e.Sequence < sequence[e.Entity()] || e.EventTime == 0 || e.UUID == "" || e.Cluster != "test" {
			t.Errorf("%+v", e)
		}
		if (e.Name == "wf") != (e.Type == event.Status) {
			t.Errorf("%s has the name %q", e.Type, e.Name)
		}
		sequence[e.Entity()] = e.Sequence
		for _, change := range append(e.Changes, event.Change{Old: e.Old, New: e.New}) {
			if change.New == "" {
				continue
			}
			if was, ok := last[e.Entity()]; ok && was != change.Old || !ok && change.Old != "NOT_CREATED" && change.Old != "" {
				t.Errorf("%s: from %s after %s", e.Entity(), change.Old, was)
			}
			last[e.Entity()] = change.New
		}
	}
	for entity, want := range map[string]string{"wf:1:1": "SUCCEEDED", "wf:1:1:a:1": "SUCCEEDED", "wf:1:1:b:1": "SUCCEEDED"} {
		if last[entity] != want {
			t.Errorf("%s ends %q\n%s", entity, last[entity], told(c.got))
		}
	}
}

// TestAConsumerThatWasDown fails three times with half an answer, and later goes on under its name.
func TestAConsumerThatWasDown(t *testing.T) {
	w := chain(t)
	all, c := &consumer{}, &consumer{fail: 3}
	pump(w, c)
	pump(w, all) // the same name: it has nothing to come
	if len(all.got) != 0 {
		t.Errorf("told again: %s", told(all.got))
	}
	unique := map[string]bool{}
	for _, e := range c.got {
		unique[e.ID()] = true
	}
	if len(unique) < 4 || len(c.got) != len(unique)+3 {
		t.Errorf("%d events of %d: %s", len(c.got), len(unique), told(c.got))
	}
	w.Start("wf", "r2")
	w.Drain(time.Minute)
	pump(w, all)
	if len(all.got) == 0 || strings.Contains(told(all.got), "wf:1:1") {
		t.Errorf("after another run: %s", told(all.got))
	}
}

func TestWorkflowChanges(t *testing.T) {
	w := enginetest.New(t, nil)
	c := &catalog.Catalog{Loop: w.Loop}
	push := func(text string) {
		request, err := definition.ParseRequest([]byte(text), definition.JSON)
		if err != nil {
			t.Fatal(err)
		}
		if _, err = c.Push(t.Context(), alice, request); err != nil {
			t.Fatal(err)
		}
		_ = w.Sleep(t.Context(), time.Second)
	}
	must := func(_ any, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
		_ = w.Sleep(t.Context(), time.Second)
	}
	body := `"workflow": {"id": "wf", "steps": [{"step": {"id": "a", "type": "NoOp"}}]}`
	push(`{"properties": {"owner": "alice"}, ` + body + `}`)
	push(`{` + body + `}`)
	must(c.Activate(t.Context(), alice, "wf", "1"))
	must(c.Deactivate(t.Context(), alice, "wf"))
	must(c.PutTag(t.Context(), alice, "wf", workflow.Tag{Name: "gold"}))
	must(c.Delete(t.Context(), alice, "wf"))
	push(`{"properties": {"owner": "alice"}, ` + body + `}`)
	got := &consumer{}
	pump(w, got)
	want := "WORKFLOW_DEFINITION wf\nWORKFLOW_VERSION wf\nWORKFLOW_ACTIVATION wf\nWORKFLOW_DEACTIVATION wf\nWORKFLOW_PROPERTIES wf\nWORKFLOW_DELETION wf\nWORKFLOW_DEFINITION wf"
	if told(got.got) != want {
		t.Fatalf("told:\n%s", told(got.got))
	}
	for i, e := range got.got {
		if e.Sequence != int64(i)+1 {
			t.Errorf("%s has the number %d", e.Type, e.Sequence)
		}
		if named := e.Version != 0; (e.Name == "wf") != named {
			t.Errorf("%s has the name %q", e.Type, e.Name)
		}
	}
	text, err := json.Marshal(got.got[2])
	if err != nil || !strings.Contains(string(text), `"author":"alice","current_active_version_id":1,"previous_active_version_id":2`) {
		t.Errorf("%s %v", text, err)
	}
}

func TestWebhook(t *testing.T) {
	w := chain(t)
	var ids []string
	fail := true
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || r.Header.Get(event.HeaderSignature) != event.Sign("secret", r.Header.Get(event.HeaderTimestamp), body) {
			t.Errorf("signature %q, %v", r.Header.Get(event.HeaderSignature), err)
		}
		var e event.CloudEvent
		if json.Unmarshal(body, &e) != nil || e.SpecVersion != "1.0" || e.Data.Workflow != "wf" || e.ID != r.Header.Get(event.HeaderID) {
			t.Errorf("body %s", body)
		}
		if fail {
			fail = false
			answer.WriteHeader(http.StatusServiceUnavailable)
			return
		}
		ids = append(ids, e.ID)
	}))
	defer server.Close()
	pump(w, &event.Webhook{URL: server.URL, Secret: "secret", Client: server.Client(), Now: w.Now, Cloud: true})
	if len(ids) < 4 {
		t.Errorf("events %v", ids)
	}
}

func TestLines(t *testing.T) {
	w := chain(t)
	var out strings.Builder
	pump(w, &event.Lines{Out: &out})
	for line := range strings.Lines(out.String()) {
		var e event.Event
		if err := json.Unmarshal([]byte(line), &e); err != nil || e.Type == "" {
			t.Errorf("%s: %v", line, err)
		}
	}
	if n := strings.Count(out.String(), "\n"); n < 4 {
		t.Errorf("%d lines", n)
	}
}
