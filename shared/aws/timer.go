package aws

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"slices"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/smithy-go"

	"github.com/segue-workflows/segue/shared/schedule"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Timer keeps schedules of EventBridge Scheduler for the time triggers of workflows, in one group. The name of a
// recurring schedule follows from the workflow and from what the schedule says, so that one that is there is right, and
// several processes that make the same ones do not disturb each other.
type Timer struct {
	Client     *scheduler.Client
	Group      string
	Queue      string // ARN of the queue that a schedule puts its message on
	Role       string // ARN of the role that may
	DeadLetter string // ARN of the queue for what it could not put there
	Message    func(workflow.ID) []byte
	Now        func() time.Time
}

// owned is the beginning of the names of a workflow's schedules: ids may hold characters that names may not.
func owned(wf workflow.ID) string { return "t-" + digest(wf, 16) + "-" }

func digest(text string, bytes int) string {
	sum := sha256.Sum256([]byte(text))
	return hex.EncodeToString(sum[:bytes])
}

// single is the name of the schedule for the next time that the recurring ones do not express.
func single(wf workflow.ID) string { return owned(wf) + "once" }

// Keep makes exactly the schedules that a plan can be expressed with; a nil plan: none, and none for a single time. It
// fails with CodeUnavailable.
func (t *Timer) Keep(ctx context.Context, wf workflow.ID, plan *schedule.Plan) error {
	wanted := map[string]schedule.Expression{}
	var order []string
	if plan != nil {
		for _, s := range plan.Schedules {
			for _, e := range s.Expressions() {
				name := owned(wf) + digest(e.Zone+" "+e.Text, 8)
				if _, twice := wanted[name]; !twice {
					order = append(order, name)
				}
				wanted[name] = e
			}
		}
	}
	known, err := t.known(ctx, wf)
	if err != nil {
		return err
	}
	for _, name := range order {
		if slices.Contains(known, name) {
			continue
		}
		if err := t.create(ctx, name, wf, wanted[name], false); err != nil && !is[*types.ConflictException](err) {
			return ofScheduler(err)
		}
	}
	for _, name := range known {
		if _, keep := wanted[name]; keep || plan != nil && name == single(wf) {
			continue
		}
		_, err := t.Client.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{Name: &name, GroupName: &t.Group})
		if err != nil && !is[*types.ResourceNotFoundException](err) {
			return ofScheduler(err)
		}
	}
	return nil
}

// known returns the names of the schedules of a workflow.
func (t *Timer) known(ctx context.Context, wf workflow.ID) ([]string, error) {
	var out []string
	pages := scheduler.NewListSchedulesPaginator(t.Client, &scheduler.ListSchedulesInput{GroupName: &t.Group, NamePrefix: sdk.String(owned(wf))})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, ofScheduler(err)
		}
		for _, found := range page.Schedules {
			if name := sdk.ToString(found.Name); strings.HasPrefix(name, owned(wf)) {
				out = append(out, name)
			}
		}
	}
	return out, nil
}

// tooSoon is how near a time may be that needs no schedule: the queue itself delays the message for it.
const tooSoon = time.Minute

// Expect makes a schedule for one time that the recurring ones may miss, in the place of an earlier one. It fails with
// CodeUnavailable.
func (t *Timer) Expect(ctx context.Context, wf workflow.ID, plan *schedule.Plan, next time.Time) error {
	at, ok := plan.Next(next.Add(-1))
	if ok && plan.Schedules[at.Trigger].Fires(next) || next.Before(t.Now().Add(tooSoon)) {
		return nil
	}
	e := schedule.Expression{Text: "at(" + next.UTC().Format("2006-01-02T15:04:05") + ")", Zone: "UTC"}
	err := t.create(ctx, single(wf), wf, e, true)
	if is[*types.ConflictException](err) {
		err = t.replace(ctx, single(wf), wf, e)
		if is[*types.ResourceNotFoundException](err) { // it fired, and is gone
			err = t.create(ctx, single(wf), wf, e, true)
		}
	}
	return ofScheduler(err)
}

func (t *Timer) create(ctx context.Context, name string, wf workflow.ID, e schedule.Expression, passing bool) error {
	in := &scheduler.CreateScheduleInput{Name: &name, GroupName: &t.Group, ScheduleExpression: &e.Text, ScheduleExpressionTimezone: &e.Zone,
		FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff}, Target: t.target(wf), Description: sdk.String(described(wf))}
	if passing {
		in.ActionAfterCompletion = types.ActionAfterCompletionDelete
	}
	_, err := t.Client.CreateSchedule(ctx, in)
	return err
}

func (t *Timer) replace(ctx context.Context, name string, wf workflow.ID, e schedule.Expression) error {
	_, err := t.Client.UpdateSchedule(ctx, &scheduler.UpdateScheduleInput{Name: &name, GroupName: &t.Group, ScheduleExpression: &e.Text,
		ScheduleExpressionTimezone: &e.Zone, FlexibleTimeWindow: &types.FlexibleTimeWindow{Mode: types.FlexibleTimeWindowModeOff},
		Target: t.target(wf), Description: sdk.String(described(wf)), ActionAfterCompletion: types.ActionAfterCompletionDelete})
	return err
}

func described(wf workflow.ID) string { return "Segue: time triggers of " + wf }

// target is where a schedule puts its message. What cannot be put there within the hour is a dead letter: the wake item
// of the time has done its work by then.
func (t *Timer) target(wf workflow.ID) *types.Target {
	return &types.Target{Arn: &t.Queue, RoleArn: &t.Role, Input: sdk.String(string(t.Message(wf))),
		DeadLetterConfig: &types.DeadLetterConfig{Arn: &t.DeadLetter},
		RetryPolicy:      &types.RetryPolicy{MaximumEventAgeInSeconds: sdk.Int32(3600), MaximumRetryAttempts: sdk.Int32(10)}}
}

func is[E error](err error) bool {
	var target E
	return errors.As(err, &target)
}

// ofScheduler gives an error of the service its code: all that it can say of our requests is that it could not take them
// now, or that we built them wrongly.
func ofScheduler(err error) error {
	var failure smithy.APIError
	switch {
	case err == nil:
		return nil
	case !errors.As(err, &failure):
		return &workflow.Error{Code: workflow.CodeUnavailable, Text: "EventBridge Scheduler did not answer", Cause: err}
	case failure.ErrorCode() == "ValidationException":
		return &workflow.Error{Code: workflow.CodeInternal, Text: "EventBridge Scheduler does not take a schedule", Cause: err}
	}
	return &workflow.Error{Code: workflow.CodeUnavailable, Text: "EventBridge Scheduler failed: " + failure.ErrorCode(), Cause: err}
}
