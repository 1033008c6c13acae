package main

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/wire"
)

// TestOnlyDispatchReachesOutAndOnlyWhatWasChosen: without a choice no function may call anything for a step.
func TestOnlyDispatchReachesOutAndOnlyWhatWasChosen(t *testing.T) {
	lists := []string{wire.HTTPAllow, wire.LambdaAllow, wire.WorkerQueues}
	for name, tm := range map[string]template{"standard": standard, "bare": bare} {
		for _, s := range allowed(t, tm) {
			if slices.Contains(s.actions, any("lambda:InvokeFunction")) {
				t.Errorf("%s: %s may call functions: %v", name, s.policy, s.resources)
			}
		}
		for _, list := range lists {
			if found := at(tm.function(t, wire.Dispatch).Properties, "Environment", "Variables", list); found != nil {
				t.Errorf("%s: %s is %v", name, list, found)
			}
		}
	}
	var calls, sends string
	for _, s := range allowed(t, guarded) {
		text := fmt.Sprint(s.resources)
		switch {
		case slices.Contains(s.actions, any("lambda:InvokeFunction")):
			calls += s.policy + text
		case slices.Contains(s.actions, any("sqs:SendMessage")) && strings.Contains(text, ":letters"):
			sends += s.policy + text
		}
	}
	if !strings.HasPrefix(calls, "Dispatch") || strings.Count(calls, "function:mail:live") != 1 || strings.Count(calls, "123456789012:function:pay") != 1 {
		t.Errorf("functions that may be called: %s", calls)
	}
	if !strings.HasPrefix(sends, "Dispatch") || strings.Count(sends, ":emails") != 1 || strings.Count(sends, "123456789012:letters") != 1 {
		t.Errorf("queues that take tasks: %s", sends)
	}
	told := at(guarded.function(t, wire.Dispatch).Properties, "Environment", "Variables").(map[string]any)
	if told[wire.HTTPAllow] != "api.example.com" || told[wire.LambdaAllow] != "mail:live,arn:aws:lambda:eu-west-1:123456789012:function:pay" ||
		!strings.Contains(fmt.Sprint(told[wire.WorkerQueues]), `"letters":"https://sqs.eu-west-1.`) {
		t.Errorf("dispatch is told %v", told)
	}
}

func TestReachHasNoWildcards(t *testing.T) {
	for _, choice := range []string{"*", "mail*", "arn:aws:lambda:eu-west-1:123456789012:function:*", "arn:aws:lambda:*:123456789012:function:mail",
		"arn:aws:iam::123456789012:role/x", "mail:*", "a b", "arn:aws:sqs:eu-west-1:123456789012:q,q"} {
		for _, name := range []string{"functions", "workerQueues"} {
			if _, err := optionsOf(func(asked string) any {
				if asked == name {
					return choice
				}
				return nil
			}); err == nil {
				t.Errorf("%s %q is accepted", name, choice)
			}
		}
	}
}
