package host

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/scheduler"
	"github.com/aws/aws-sdk-go-v2/service/scheduler/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/segue-workflows/segue/localstack/template"
)

// timers plays the schedules that functions store in a group: the emulator keeps them and never fires.
type timers struct {
	host  *Host
	group string
}

// makeScheduleGroup makes a group in the emulator, and plays what is stored in it.
func (h *Host) makeScheduleGroup(ctx context.Context, w wanted) (template.Made, error) {
	var p struct{ Name, Tags any }
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	name := h.name("", w.id)
	out, err := h.timers.CreateScheduleGroup(ctx, &scheduler.CreateScheduleGroupInput{Name: &name})
	if err != nil {
		return template.Made{}, err
	}
	h.undo = append(h.undo, func(ctx context.Context) error {
		_, err := h.timers.DeleteScheduleGroup(ctx, &scheduler.DeleteScheduleGroupInput{Name: &name})
		return err
	})
	h.groups = append(h.groups, &timers{h, name})
	return template.Made{Ref: name, Attributes: map[string]string{"Arn": sdk.ToString(out.ScheduleGroupArn)}}, nil
}

// look is how often a group is looked at. The service itself promises no more than the minute.
const look = time.Second

// run fires each stored schedule once for each minute that it selects, and a one-time schedule at its second.
func (t *timers) run(ctx context.Context) {
	last := time.Now()
	for pause(ctx, look) {
		now := time.Now()
		if err := t.play(ctx, last, now); err != nil && ctx.Err() == nil {
			t.host.note("schedules of %s: %v", t.group, err)
		}
		last = now
	}
}

// play fires what is due after a time, up to another.
func (t *timers) play(ctx context.Context, after, upTo time.Time) error {
	pages := scheduler.NewListSchedulesPaginator(t.host.timers, &scheduler.ListSchedulesInput{GroupName: &t.group})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return err
		}
		for _, s := range page.Schedules {
			found, err := t.host.timers.GetSchedule(ctx, &scheduler.GetScheduleInput{GroupName: &t.group, Name: s.Name})
			if err != nil {
				return err
			}
			if err := t.fire(ctx, found, after, upTo); err != nil {
				return fmt.Errorf("%s: %w", sdk.ToString(s.Name), err)
			}
		}
	}
	return nil
}

// fire puts the message of a schedule on its queue when it is due: the input of its target, as it is.
func (t *timers) fire(ctx context.Context, s *scheduler.GetScheduleOutput, after, upTo time.Time) error {
	due, err := fires(sdk.ToString(s.ScheduleExpression), sdk.ToString(s.ScheduleExpressionTimezone), after, upTo)
	if err != nil || !due {
		return err
	}
	url, ok := t.host.queueURLs[sdk.ToString(s.Target.Arn)]
	if !ok {
		return fmt.Errorf("only queues of the stack can be a schedule's target here, not %s", sdk.ToString(s.Target.Arn))
	}
	if _, err := t.host.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &url, MessageBody: s.Target.Input}); err != nil {
		return err
	}
	t.host.note("schedule %s fired: %s", sdk.ToString(s.Name), sdk.ToString(s.ScheduleExpression))
	if s.ActionAfterCompletion == types.ActionAfterCompletionDelete {
		_, err = t.host.timers.DeleteSchedule(ctx, &scheduler.DeleteScheduleInput{GroupName: &t.group, Name: s.Name})
	}
	return err
}

// fires tells whether an expression is due after a time, up to another. It fails for what it cannot read.
func fires(expression, zone string, after, upTo time.Time) (bool, error) {
	at, err := time.LoadLocation(zone)
	if err != nil {
		return false, err
	}
	if text, ok := strings.CutPrefix(expression, "at("); ok {
		moment, err := time.ParseInLocation("2006-01-02T15:04:05)", text, at)
		return err == nil && moment.After(after) && !moment.After(upTo), err
	}
	text, ok := strings.CutPrefix(expression, "cron(")
	fields := strings.Fields(strings.TrimSuffix(text, ")"))
	if !ok || len(fields) != 6 {
		return false, fmt.Errorf("%s cannot be read here", expression)
	}
	minute := upTo.Truncate(time.Minute)
	if !minute.After(after) {
		return false, nil
	}
	local := minute.In(at)
	for i, n := range []int{local.Minute(), local.Hour(), local.Day(), int(local.Month()), int(local.Weekday()) + 1, local.Year()} {
		selected, err := selects(fields[i], n)
		if err != nil || !selected {
			return false, err
		}
	}
	return true, nil
}

// selects tells whether a field of cron, a list of numbers or a sign for all, selects a number.
func selects(field string, n int) (bool, error) {
	if field == "*" || field == "?" {
		return true, nil
	}
	numbers := strings.Split(field, ",")
	for _, text := range numbers {
		if _, err := strconv.Atoi(text); err != nil {
			return false, fmt.Errorf("the field %s of a cron expression cannot be read here", field)
		}
	}
	return slices.Contains(numbers, strconv.Itoa(n)), nil
}
