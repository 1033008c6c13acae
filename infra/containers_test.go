package main

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/wire"
)

const chosenContainers = `{"cluster": "arn:aws:ecs:eu-west-1:123456789012:cluster/jobs", "subnets": ["subnet-1"], "securityGroups": ["sg-1"],
	"images": {"python:3.12": {"task": "arn:aws:ecs:eu-west-1:123456789012:task-definition/python:3", "logGroup": "/jobs/python",
	"roles": ["arn:aws:iam::123456789012:role/pull", "arn:aws:iam::123456789012:role/work"]},
	"team/*": {"task": "arn:aws:ecs:eu-west-1:123456789012:task-definition/team:1", "roles": ["arn:aws:iam::123456789012:role/pull"]}}}`

// TestOnlyChosenTasksRun: each statement about tasks is dispatch's, and no wider than the choice.
func TestOnlyChosenTasksRun(t *testing.T) {
	about := func(s statement) bool {
		return slices.ContainsFunc(s.actions, func(a any) bool {
			name := fmt.Sprint(a)
			return strings.HasPrefix(name, "ecs:") || name == "logs:GetLogEvents" || name == "iam:PassRole" && !strings.Contains(s.policy, "Api")
		})
	}
	for name, tm := range map[string]template{"standard": standard, "bare": bare} {
		if strings.Contains(string(tm.text), `"ECS Task State Change"`) || slices.ContainsFunc(allowed(t, tm), func(s statement) bool {
			return about(s) && strings.HasPrefix(s.policy, "Dispatch")
		}) {
			t.Errorf("%s: tasks may be run", name)
		}
	}
	got := map[string]string{}
	for _, s := range allowed(t, guarded) {
		if !about(s) {
			continue
		}
		if !strings.HasPrefix(s.policy, "Dispatch") && strings.HasPrefix(fmt.Sprint(s.actions[0]), "ecs:") {
			t.Errorf("%s may %v", s.policy, s.actions)
		}
		for _, action := range s.actions {
			got[fmt.Sprint(action)] += fmt.Sprint(s.resources)
		}
	}
	const task = "[arn:aws:ecs:eu-west-1:123456789012:task/jobs/*]"
	for action, want := range map[string]string{
		"ecs:RunTask":     "[arn:aws:ecs:eu-west-1:123456789012:task-definition/python:3 arn:aws:ecs:eu-west-1:123456789012:task-definition/team:1]",
		"ecs:TagResource": task, "ecs:StopTask": task, "ecs:DescribeTasks": task, "ecs:ListTasks": "[*]",
	} {
		if got[action] != want {
			t.Errorf("%s on %s, not %s", action, got[action], want)
		}
	}
	if !strings.Contains(got["iam:PassRole"], "[arn:aws:iam::123456789012:role/pull arn:aws:iam::123456789012:role/work]") {
		t.Errorf("roles: %s", got["iam:PassRole"])
	}
	if !strings.Contains(got["logs:GetLogEvents"], ":log-group:/jobs/python:log-stream:ecs/main/*") {
		t.Errorf("logs: %s", got["logs:GetLogEvents"])
	}
}

// TestEndsOfTasksComeByName: the environment of a task, which its events hold, stays out of the queue.
func TestEndsOfTasksComeByName(t *testing.T) {
	var found []string
	for _, rule := range guarded.all(t, "AWS::Events::Rule") {
		if at(rule.Properties, "EventPattern") == nil {
			continue
		}
		pattern, _ := json.Marshal(at(rule.Properties, "EventPattern"))
		found = append(found, string(pattern))
		for _, one := range listOf(at(rule.Properties, "Targets")) {
			input, _ := json.Marshal(at(one, "InputTransformer"))
			if want := `{"InputPathsMap":{"detail-taskArn":"$.detail.taskArn"},"InputTemplate":"{\"ecsTask\":\u003cdetail-taskArn\u003e}"}`; string(input) != want {
				t.Errorf("the queue gets %s", input)
			}
			if queue := queueOf(t, guarded, wire.Dispatch, wire.DispatchQueue); target(at(one, "Arn")) != queue.id {
				t.Errorf("another queue than %s: %v", queue.id, at(one, "Arn"))
			}
		}
	}
	want := `{"detail":{"clusterArn":["arn:aws:ecs:eu-west-1:123456789012:cluster/jobs"],"group":["segue-prod"],"lastStatus":["STOPPED"]},` +
		`"detail-type":["ECS Task State Change"],"source":["aws.ecs"]}`
	if len(found) != 1 || found[0] != want {
		t.Errorf("rules: %s", found)
	}
	told := fmt.Sprint(at(guarded.function(t, wire.Dispatch).Properties, "Environment", "Variables", wire.Containers))
	if !strings.Contains(told, `"python:3.12":{"task":"arn:aws:ecs:eu-west-1:123456789012:task-definition/python:3","logGroup":"/jobs/python"}`) || strings.Contains(told, "role/") {
		t.Errorf("dispatch is told %s", told)
	}
}

func TestChoicesOfContainers(t *testing.T) {
	file := filepath.Join(t.TempDir(), "containers.json")
	if err := os.WriteFile(file, []byte(chosenContainers), 0o600); err != nil {
		t.Fatal(err)
	}
	if c, err := containersOf(file); err != nil || len(c.Images) != 2 {
		t.Errorf("%+v %v", c, err)
	}
	for name, change := range map[string][2]string{
		"no file": {chosenContainers, "missing.json"}, "no object": {"{", "{["}, "a list": {chosenContainers, "{}"}, "an unknown key": {`"subnets"`, `"subnet"`},
		"no cluster": {`cluster/jobs`, `service/jobs`}, "a cluster of all": {`cluster/jobs`, `cluster/*`}, "no subnets": {`["subnet-1"]`, `[]`},
		"any revision": {`python:3"`, `python:*"`}, "no revision": {`/python:3"`, `/python"`}, "any role": {`role/work`, `role/*`}, "no role": {"arn:aws:iam::123456789012:role/work", "work"},
		"any log": {`/jobs/python`, `/jobs/*`}, "too long": {"team/*", strings.Repeat("x", maxPlan)},
	} {
		if _, err := containersOf(strings.Replace(chosenContainers, change[0], change[1], 1)); err == nil {
			t.Errorf("%s: accepted", name)
		}
	}
}
