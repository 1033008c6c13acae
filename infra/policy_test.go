package main

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/wire"
)

// reasons allow a statement to say "*" for its resource. The key is an action, the value says why; all actions of the
// statement need one.
var reasons = map[string]string{
	"xray:PutTraceSegments":    "traces are no resources that a policy could name",
	"xray:PutTelemetryRecords": "nor is what the daemon tells of itself",
	"dynamodb:ListStreams":     "the service lists all streams or none; Lambda asks for it to read one",
	"scheduler:ListSchedules":  "the service lists by a beginning of names, of no narrower resource",
	"ecs:ListTasks":            "the service lists tasks of no narrower resource; a condition names the cluster",
}

// open allows a statement to name a part of what its resources are called, and says why.
var open = map[string]string{
	"ecs:TagResource":   "a task has its name when it runs; the cluster bounds it, and only RunTask may tag",
	"ecs:StopTask":      "a task has its name when it runs; the cluster and the tag of the stage bound it",
	"ecs:DescribeTasks": "a task has its name when it runs; the cluster bounds it",
}

// statement is one of a policy, as far as the tests look.
type statement struct {
	policy             string
	actions, resources []any
}

// allowed lists the statements that allow something, of all roles.
func allowed(t *testing.T, tm template) []statement {
	t.Helper()
	var found []statement
	for _, p := range tm.all(t, "AWS::IAM::Policy") {
		for _, s := range listOf(at(p.Properties, "PolicyDocument", "Statement")) {
			if at(s, "Effect") == "Allow" {
				found = append(found, statement{p.id, listOf(at(s, "Action")), listOf(at(s, "Resource"))})
			}
		}
	}
	return found
}

func TestGrantsNameWhatTheyGrant(t *testing.T) {
	used := map[string]bool{}
	for _, tm := range []template{standard, guarded, bare} {
		for _, s := range allowed(t, tm) {
			for _, what := range slices.Concat(s.actions, s.resources) {
				name, isText := what.(string)
				if !isText || !strings.Contains(name, "*") {
					continue
				}
				for _, action := range s.actions {
					action := fmt.Sprint(action)
					why := reasons[action]
					if name != "*" {
						why = open[action]
					}
					if why == "" {
						t.Errorf("%s allows %s on %s without a written reason", s.policy, action, name)
					}
					used[action] = true
				}
			}
		}
		for _, role := range tm.all(t, "AWS::IAM::Role") {
			if role.Properties["ManagedPolicyArns"] != nil {
				t.Errorf("%s has a policy that somebody else writes", role.id)
			}
		}
	}
	for _, action := range slices.Concat(slices.Collect(maps.Keys(reasons)), slices.Collect(maps.Keys(open))) {
		if !used[action] {
			t.Errorf("the reason for %s is not needed any more", action)
		}
	}
}

// TestFunctionsAreToldWhatTheyMayUse: a function may send to each queue whose address it has, or takes from it, and
// has the address of each that it may send to.
func TestFunctionsAreToldWhatTheyMayUse(t *testing.T) {
	for _, name := range wire.Functions {
		f := standard.function(t, name)
		role := target(f.Properties["Role"])
		granted := map[string]bool{}
		for _, p := range standard.all(t, "AWS::IAM::Policy") {
			if !slices.ContainsFunc(listOf(p.Properties["Roles"]), func(r any) bool { return target(r) == role }) {
				continue
			}
			for _, s := range allowed(t, standard) {
				if s.policy != p.id || !strings.HasPrefix(fmt.Sprint(s.actions[0]), "sqs:") {
					continue
				}
				for _, r := range s.resources {
					granted[target(r)] = true
				}
			}
		}
		told := map[string]bool{}
		for _, q := range wire.Queues {
			if id := target(at(f.Properties, "Environment", "Variables", q.Variable)); id != "" {
				told[id] = true
				if !granted[id] {
					t.Errorf("%s knows the queue %s and may not use it", name, q.Name)
				}
			}
		}
		if len(told) != len(granted) {
			t.Errorf("%s may use %d queues and knows %d", name, len(granted), len(told))
		}
	}
}
