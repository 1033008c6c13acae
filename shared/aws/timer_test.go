package aws_test

import (
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"

	"github.com/segue-workflows/segue/shared/aws"
	"github.com/segue-workflows/segue/shared/schedule"
	"github.com/segue-workflows/segue/shared/workflow"
)

// stored is a schedule as the service's API has it.
type stored struct {
	ScheduleExpression, ScheduleExpressionTimezone, ActionAfterCompletion, GroupName string

	Target struct {
		Arn, RoleArn, Input string
		DeadLetterConfig    struct{ Arn string }
	}
}

// service is as much of EventBridge Scheduler as a Timer calls: it stores, and counts what changes it.
type service struct {
	kept    map[string]stored
	changes int
	fail    bool
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	refuse := func(status int, kind string) {
		w.Header().Set("X-Amzn-ErrorType", kind)
		w.WriteHeader(status)
		fmt.Fprint(w, `{}`)
	}
	name := strings.TrimPrefix(r.URL.Path, "/schedules/")
	_, found := s.kept[name]
	switch {
	case s.fail:
		refuse(http.StatusForbidden, "AccessDeniedException")
		return
	case r.Method == http.MethodGet:
		var list []map[string]string
		for _, name := range slices.Sorted(maps.Keys(s.kept)) {
			if strings.HasPrefix(name, r.URL.Query().Get("NamePrefix")) {
				list = append(list, map[string]string{"Name": name})
			}
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"Schedules": list})
		return
	case r.Method == http.MethodPost && found:
		refuse(http.StatusConflict, "ConflictException")
		return
	case r.Method != http.MethodPost && !found:
		refuse(http.StatusNotFound, "ResourceNotFoundException")
		return
	case r.Method == http.MethodDelete:
		delete(s.kept, name)
	default:
		var in stored
		_ = json.NewDecoder(r.Body).Decode(&in)
		s.kept[name] = in
	}
	s.changes++
	fmt.Fprint(w, `{"ScheduleArn": "arn"}`)
}

// said lists what the service keeps.
func (s *service) said() string {
	var out []string
	for _, in := range s.kept {
		out = append(out, strings.TrimSpace(in.ScheduleExpression+" "+in.ScheduleExpressionTimezone+" "+in.ActionAfterCompletion))
	}
	slices.Sort(out)
	return strings.Join(out, "; ")
}

func timer(t *testing.T, now time.Time) (*service, *aws.Timer) {
	s := &service{kept: map[string]stored{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	client := scheduler.New(scheduler.Options{Region: "us-east-1", BaseEndpoint: &server.URL, Retryer: sdk.NopRetryer{},
		Credentials: credentials.NewStaticCredentialsProvider("k", "s", "")})
	return s, &aws.Timer{Client: client, Group: "group", Queue: "queue", Role: "role", DeadLetter: "dead",
		Message: func(wf workflow.ID) []byte { return []byte("look at " + wf) }, Now: func() time.Time { return now }}
}

func crons(t *testing.T, zone string, texts ...string) *schedule.Plan {
	t.Helper()
	var triggers []workflow.TimeTrigger
	for _, text := range texts {
		triggers = append(triggers, workflow.TimeTrigger{Type: workflow.TriggerCron, Cron: text, Timezone: zone})
	}
	plan, err := schedule.NewPlan("wf", triggers)
	if err != nil {
		t.Fatal(err)
	}
	return plan
}

func TestTimerKeepsSchedulesInStep(t *testing.T) {
	s, timer := timer(t, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	keep := func(wf workflow.ID, plan *schedule.Plan, want string, changes int) {
		t.Helper()
		s.changes = 0
		if err := timer.Keep(t.Context(), wf, plan); err != nil {
			t.Fatal(err)
		}
		if s.said() != want || s.changes != changes {
			t.Fatalf("after %d changes: %s, want %s", s.changes, s.said(), want)
		}
	}
	const berlin, other = "cron(0 9 ? * 2 *) Europe/Berlin", "cron(0 9 1 * ? *) Europe/Berlin"
	keep("wf", crons(t, "Europe/Berlin", "0 9 1 * 1"), other+"; "+berlin, 2)
	for _, in := range s.kept {
		if in.Target.Arn != "queue" || in.Target.RoleArn != "role" || in.Target.Input != "look at wf" || in.Target.DeadLetterConfig.Arn != "dead" || in.GroupName != "group" {
			t.Errorf("%+v", in)
		}
	}
	keep("wf", crons(t, "Europe/Berlin", "0 9 1 * 1"), other+"; "+berlin, 0)
	keep("wf", crons(t, "Europe/Berlin", "0 9 * * 1"), berlin, 1)
	keep("wf2", crons(t, "", "5 * * * *"), berlin+"; cron(5 * * * ? *) UTC", 1)
	keep("wf", nil, "cron(5 * * * ? *) UTC", 1)
	keep("wf2", nil, "", 1)
}

func TestTimerMakesOneTimeSchedules(t *testing.T) {
	s, timer := timer(t, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	expect := func(plan *schedule.Plan, next time.Time, want string) {
		t.Helper()
		if err := timer.Expect(t.Context(), "wf", plan, next); err != nil {
			t.Fatal(err)
		}
		if s.said() != want {
			t.Fatalf("%s, want %s", s.said(), want)
		}
	}
	last := crons(t, "Europe/Berlin", "10 0 9 LW * ?")
	const first, second = "at(2026-01-30T08:00:10) UTC DELETE", "at(2026-02-27T08:00:10) UTC DELETE"
	expect(last, time.Date(2026, 1, 30, 8, 0, 10, 0, time.UTC), first)
	expect(last, time.Date(2026, 2, 27, 8, 0, 10, 0, time.UTC), second)
	expect(last, time.Date(2026, 1, 2, 0, 0, 30, 0, time.UTC), second) // the queue delays the message
	expect(crons(t, "", "5 * * * *"), time.Date(2026, 1, 2, 9, 5, 0, 0, time.UTC), second)
	if err := timer.Keep(t.Context(), "wf", last); err != nil || s.said() != second {
		t.Errorf("%v: %s", err, s.said())
	}
	if err := timer.Keep(t.Context(), "wf", nil); err != nil || s.said() != "" {
		t.Errorf("%v: %s", err, s.said())
	}
	skipped := crons(t, "Europe/Berlin", "30 2 * * *") // in the night of 29 March no clock reads that
	expect(skipped, time.Date(2026, 3, 29, 1, 0, 0, 0, time.UTC), "at(2026-03-29T01:00:00) UTC DELETE")
}

func TestTimerFailsAsUnavailable(t *testing.T) {
	s, timer := timer(t, time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC))
	s.fail = true
	if err := timer.Keep(t.Context(), "wf", nil); workflow.CodeOf(err) != workflow.CodeUnavailable {
		t.Error(err)
	}
}
