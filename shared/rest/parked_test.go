package rest_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/memory"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// lot is a queue of parked messages and the one for those that are looked up. Delete fails while broken.
type lot struct {
	*memory.Queue
	broken bool
}

func (l *lot) Delete(ctx context.Context, name string, receipts ...string) error {
	if l.broken {
		return queue.ErrUnavailable
	}
	return l.Queue.Delete(ctx, name, receipts...)
}

const private = "a text with a private address"

// parkingAPI returns a server with four messages parked.
func parkingAPI(t *testing.T) (*api, *lot) {
	a := newAPI(t, nil)
	l := &lot{Queue: memory.NewQueue(a.Now, memory.QueueConfig{Name: wire.Parked, Visibility: time.Minute},
		memory.QueueConfig{Name: wire.DeadLetters, Visibility: time.Minute})}
	a.deps.Parked = &control.Parked{Queue: l, Name: wire.Parked, Look: wire.DeadLetters}
	a.serve()
	steps := hint.Message{Kind: hint.Steps, Run: workflow.RunKey{Workflow: "wf", Instance: 3, Run: 1}, Steps: [][2]int64{{0, 1}}, Hops: 9}
	l.park(t, string(steps.Encode()), private, `{"parked": "event", "part": "i/wf/3", "sort": "1/2", "reason": "too large"}`,
		string(hint.Message{Kind: hint.Subscribe, Workflow: "other", Hops: 49}.Encode()))
	return a, l
}

func (l *lot) park(t *testing.T, bodies ...string) {
	t.Helper()
	for _, body := range bodies {
		if err := l.Send(t.Context(), wire.Parked, queue.Message{Body: []byte(body)}); err != nil {
			t.Fatal(err)
		}
	}
}

// lookedUp takes what was sent to be looked up.
func (l *lot) lookedUp(t *testing.T) (out []string) {
	t.Helper()
	for {
		batch, err := l.Receive(t.Context(), wire.DeadLetters, 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		if len(batch) == 0 {
			return out
		}
		for _, d := range batch {
			out = append(out, string(d.Body))
			if err := l.Queue.Delete(t.Context(), wire.DeadLetters, d.Receipt); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// parked lists what is parked as "kind about", and the ids by that.
func (a *api) parked(query string) (list string, ids map[string]string) {
	a.t.Helper()
	ids = map[string]string{}
	var lines []string
	for _, letter := range a.must("GET", "/dead-letters"+query, "")["parked"].([]any) {
		line := fmt.Sprint(at(letter, "kind"), " ", at(letter, "about"), " ", at(letter, "redrivable"))
		lines = append(lines, line)
		ids[fmt.Sprint(at(letter, "kind"))] = at(letter, "id").(string)
	}
	return strings.Join(lines, "; "), ids
}

// leftParked lists what is parked once nothing is hidden any more.
func (a *api) leftParked() string {
	a.t.Helper()
	_ = a.Sleep(a.t.Context(), time.Minute)
	list, _ := a.parked("")
	return list
}

const allParked = "steps wf:3:1 true; unknown  false; event i/wf/3 1/2 false; subscribe other true"

func TestWhatIsParkedIsListed(t *testing.T) {
	a, _ := parkingAPI(t)
	for range 2 { // a look takes nothing away
		list, _ := a.parked("")
		expect(t, "list", list, allParked)
	}
	list, _ := a.parked("?workflowId=wf")
	expect(t, "of a workflow", list, "steps wf:3:1 true")
	if _, raw := a.raw("GET", "/dead-letters", ""); strings.Contains(string(raw), private) {
		t.Errorf("the list shows a body that nobody understood: %s", raw)
	}
}

func TestParkedHintsAreRedrivenOnce(t *testing.T) {
	a, l := parkingAPI(t)
	_, ids := a.parked("")
	first := a.must("PUT", "/dead-letters/"+ids["steps"]+redrive, "")
	expect(t, "redriven", first["done"], true)
	again := a.must("PUT", "/dead-letters/"+ids["steps"]+redrive, "")
	expect(t, "again", again["done"], false)
	expect(t, "dropped then", a.must("PUT", "/dead-letters/"+ids["steps"]+drop, "")["done"], false)
	a.must("PUT", "/dead-letters/"+ids["subscribe"]+redrive, "")
	expect(t, "looked up", strings.Join(l.lookedUp(t), " "),
		`{"k":"run","run":{"wf":"wf","i":3,"r":1},"z":"recover"} {"k":"subscribe","wf":"other"}`)
	expect(t, "left", a.leftParked(), "unknown  false; event i/wf/3 1/2 false")
}

func TestWhatIsNoHintIsOnlyDropped(t *testing.T) {
	a, l := parkingAPI(t)
	_, ids := a.parked("")
	for _, kind := range []string{"unknown", "event"} {
		a.refused(400, "PUT", "/dead-letters/"+ids[kind]+redrive, "")
		expect(t, kind, a.must("PUT", "/dead-letters/"+ids[kind]+drop, "")["done"], true)
		expect(t, kind+" again", a.must("PUT", "/dead-letters/"+ids[kind]+drop, "")["done"], false)
	}
	expect(t, "looked up", len(l.lookedUp(t)), 0)
	expect(t, "left", a.leftParked(), "steps wf:3:1 true; subscribe other true")
	expect(t, "a message that never was", a.must("PUT", "/dead-letters/parked:none"+drop, "")["done"], false)
}

// TestARedriveThatDiesHalfWayIsRepeated: the message is looked up twice, and gone.
func TestARedriveThatDiesHalfWayIsRepeated(t *testing.T) {
	a, l := parkingAPI(t)
	_, ids := a.parked("")
	l.broken = true
	if _, err := a.deps.Parked.Redrive(t.Context(), ids["steps"]); !errors.Is(err, workflow.ErrUnavailable) {
		t.Fatal(err)
	}
	l.broken = false
	expect(t, "while it is hidden", a.must("PUT", "/dead-letters/"+ids["steps"]+redrive, "")["done"], false)
	_ = a.Sleep(t.Context(), time.Minute)
	expect(t, "later", a.must("PUT", "/dead-letters/"+ids["steps"]+redrive, "")["done"], true)
	expect(t, "looked up", len(l.lookedUp(t)), 2)
	expect(t, "left", a.leftParked(), "unknown  false; event i/wf/3 1/2 false; subscribe other true")
}

// TestMoreIsParkedThanOneListHolds: it says so, and finds what comes first.
func TestMoreIsParkedThanOneListHolds(t *testing.T) {
	a, l := parkingAPI(t)
	for i := range control.MaxLetters {
		l.park(t, fmt.Sprint("text ", i))
	}
	answer := a.must("GET", "/dead-letters", "")
	expect(t, "more", answer["more"], true)
	expect(t, "listed", len(answer["parked"].([]any)), control.MaxLetters)
}
