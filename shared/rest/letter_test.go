package rest_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/workflow"
)

// crash claims step i like a handler that dies, until its delivery limit is reached.
func (a *api) crash(instance int64, run int64, i int) {
	a.t.Helper()
	key := workflow.RunKey{Workflow: "wf", Instance: instance, Run: run}
	for range a.Loop.Settings.Delivery.Limit {
		_, err := a.Loop.Visit(a.t.Context(), key, func(turn *decide.Turn) error {
			taken, err := turn.Claim([]int{i}, 0)
			if err == nil && len(taken) != 1 {
				a.t.Fatalf("step %d of %s cannot be claimed: %+v", i, key, turn.State().Steps[i])
			}
			return err
		})
		if err != nil {
			a.t.Fatal(err)
		}
		a.Forget()
		_ = a.Sleep(a.t.Context(), decide.DefaultClaimTime)
		if err := a.Evaluate.Handle(a.t.Context(), hint.Message{Kind: hint.Run, Run: key}); err != nil {
			a.t.Fatal(err)
		}
	}
}

const poisoned = `{"properties": {"owner": "tester", "run_strategy": "PARALLEL"}, "workflow": {"id": "wf", "steps": [
 {"step": {"id": "poison", "type": "Process"}}, {"step": {"id": "bane", "type": "Process"}}, {"step": {"id": "nap", "type": "Sleep", "params": {"sleep_seconds": {"type": "LONG", "value": 86400}}}}]}}`

// poisonedAPI returns a server whose instance 1 has two attempts set aside, with a step that keeps it open for a day.
func poisonedAPI(t *testing.T) *api {
	a, _ := working(t, "", step("other", "NoOp"))
	a.Loop.Settings.Delivery.Limit = 2
	a.must("POST", "/workflows", poisoned)
	a.must("POST", "/workflows/wf/versions/active/actions/start", `{}`)
	a.crash(1, 1, 0)
	a.crash(1, 1, 1)
	return a
}

func (a *api) deadLetters(query string) (ids []string) {
	a.t.Helper()
	list, _ := a.must("GET", "/dead-letters"+query, "")["dead_letters"].([]any)
	for _, letter := range list {
		ids = append(ids, fmt.Sprint(at(letter, "id"), " ", at(letter, "failed_deliveries"), " ", at(letter, "status")))
	}
	return ids
}

const redrive, drop = "/actions/redrive", "/actions/drop"

func TestDeadLettersOfARunThatGoesOn(t *testing.T) {
	a := poisonedAPI(t)
	both := "[wf:1:1:poison:1 2 FATALLY_FAILED wf:1:1:bane:1 2 FATALLY_FAILED]"
	expect(t, "list", a.deadLetters(""), both)
	expect(t, "list of the workflow", a.deadLetters("?workflowId=wf"), both)
	expect(t, "list of another", a.deadLetters("?workflowId=w"), "[]")
	document := a.must("GET", "/workflows/wf/instances/1/steps/poison", "")
	expect(t, "document", fmt.Sprint(document["failed_deliveries"], document["dead_letter"]), "2 true")

	first := a.must("PUT", "/dead-letters/wf:1:1:poison:1"+redrive, "")
	expect(t, "redriven", fmt.Sprint(first["done"], first["message"]), "trueredriven as attempt 2")
	again := a.must("PUT", "/dead-letters/wf:1:1:poison:1"+redrive, "")
	expect(t, "redriven again", again["done"], false)
	dropped := a.must("PUT", "/dead-letters/wf:1:1:bane:1"+drop, "")
	expect(t, "dropped", dropped["done"], true)
	expect(t, "dropped again", a.must("PUT", "/dead-letters/wf:1:1:bane:1"+drop, "")["done"], false)
	expect(t, "list", a.deadLetters(""), "[]")
	a.Drain(time.Minute)
	expect(t, "the redriven step", a.stepStatus("poison"), "RUNNING")
	expect(t, "the dropped step", a.stepStatus("bane"), "FATALLY_FAILED")
	expect(t, "attempts", a.must("GET", "/workflows/wf/instances/1/steps/poison", "")["step_attempt_id"], 2)
}

func TestDeadLettersOfARunThatIsOver(t *testing.T) {
	a := poisonedAPI(t)
	a.must("PUT", "/workflows/wf/instances/1/steps/nap/actions/skip", "")
	a.Drain(time.Minute)
	expect(t, "the run", a.status(1), "FAILED")
	for range 2 {
		answer := a.must("PUT", "/dead-letters/wf:1:1:poison:1"+redrive, "")
		if done := answer["done"]; done == true {
			expect(t, "redriven", answer["message"], "redriven: wf instance 1 restarted as run 2")
		}
	}
	a.Drain(time.Minute)
	expect(t, "runs", len(a.must("GET", "/workflows/wf/instances/1/runs?first=10", "")["elements"].([]any)), 2)
	expect(t, "the redriven step", a.stepStatus("poison"), "RUNNING")
	expect(t, "what is left", a.deadLetters(""), "[wf:1:1:bane:1 2 FATALLY_FAILED]")
}

func TestWhatIsNoDeadLetter(t *testing.T) {
	a := poisonedAPI(t)
	for _, id := range []string{"wf:1:1:nap:1", "wf:1:1:poison:2", "wf:9:1:poison:1", "maestro_foreach_1_2_3:1:1:a:1", "no:1:1:a:1"} {
		for _, action := range []string{redrive, drop} {
			expect(t, id+action, a.must("PUT", "/dead-letters/"+id+action, "")["done"], false)
		}
	}
	for _, id := range []string{"wf", "wf:1:1:poison", "wf:0:1:poison:1", "wf:1:1::1", "wf:1:1:poison:x"} {
		a.refused(400, "PUT", "/dead-letters/"+id+redrive, "")
	}
	a.refused(400, "GET", "/dead-letters?workflowId=a/b", "")
	expect(t, "list", len(a.deadLetters("")), 2)
}
