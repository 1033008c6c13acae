package host

import (
	"context"
	"fmt"
	"regexp"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/segue-workflows/segue/localstack/template"
)

// schedule sends a message to a queue again and again.
type schedule struct {
	host  *Host
	id    string
	every time.Duration
	url   string
	input string
}

// scheduleProperties are those of a schedule.
type scheduleProperties struct {
	ScheduleExpression string
	State              string
	Target             struct {
		Arn, Input                          string
		RetryPolicy, RoleArn, SqsParameters any
	}

	Description, FlexibleTimeWindow, GroupName, Name, ScheduleExpressionTimezone any
}

// makeSchedule makes a schedule that fires at a rate, into a queue.
func (h *Host) makeSchedule(_ context.Context, w wanted) (template.Made, error) {
	var p scheduleProperties
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	made := template.Made{Ref: w.id, Attributes: map[string]string{"Arn": arn("scheduler", "schedule/"+w.id)}}
	if p.State == "DISABLED" {
		return made, nil
	}
	every, err := rate(p.ScheduleExpression)
	if err != nil {
		return made, err
	}
	url, ok := h.queueURLs[p.Target.Arn]
	if !ok {
		return made, fmt.Errorf("only queues of the stack can be a schedule's target here, not %s", p.Target.Arn)
	}
	h.schedules = append(h.schedules, &schedule{h, w.id, every, url, p.Target.Input})
	return made, nil
}

var rateExpression = regexp.MustCompile(`^rate\(([1-9][0-9]*) (minute|hour|day)s?\)$`)

// rate reads rate(1 minute) and the like.
func rate(expression string) (time.Duration, error) {
	parts := rateExpression.FindStringSubmatch(expression)
	if parts == nil {
		return 0, fmt.Errorf("only rates can be scheduled here, not %s", expression)
	}
	n, err := strconv.Atoi(parts[1])
	if err != nil {
		return 0, err
	}
	unit := map[string]time.Duration{"minute": time.Minute, "hour": time.Hour, "day": 24 * time.Hour}[parts[2]]
	return time.Duration(n) * unit, nil
}

// run fires at once and then at the rate, as a new schedule does.
func (s *schedule) run(ctx context.Context) {
	for {
		if _, err := s.host.queues.SendMessage(ctx, &sqs.SendMessageInput{QueueUrl: &s.url, MessageBody: &s.input}); err != nil && ctx.Err() == nil {
			s.host.note("schedule %s: %v", s.id, err)
		}
		if !pause(ctx, s.every) {
			return
		}
	}
}
