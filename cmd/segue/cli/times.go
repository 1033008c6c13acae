package cli

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/workflow"
)

// maxBackfill is how many runs one backfill makes at most.
const maxBackfill = 10_000

// times are the points of a backfill.
type times struct {
	from, to time.Time
	step     time.Duration
	dates    bool // days without a time of day
}

// pastRun is one run of a backfill: what was asked for, and what came of it.
type pastRun struct {
	Value     string                  `json:"value"`
	RequestID string                  `json:"request_id"`
	Instance  int64                   `json:"workflow_instance_id,omitempty"` // 0: not started
	Run       int64                   `json:"workflow_run_id,omitempty"`
	Status    workflow.InstanceStatus `json:"status,omitempty"`
	Known     bool                    `json:"duplicated,omitempty"` // the same backfill had started it before

	param *workflow.Param
}

// readTimes reads --from, --to and --step.
func readTimes(f backfillFlags) (times, error) {
	var out times
	var err error
	if out.from, out.dates, err = readTime("from", f.from); err != nil {
		return out, err
	}
	var dates bool
	if out.to, dates, err = readTime("to", f.to); err != nil {
		return out, err
	}
	out.step, err = workflow.ParseDuration(f.step)
	switch {
	case err != nil:
		return out, usageError{fmt.Sprintf("--step %s: %v", f.step, err)}
	case dates != out.dates:
		return out, usageError{"--from and --to are both dates or both times"}
	case out.step <= 0:
		return out, usageError{"--step has to be longer than nothing"}
	case out.dates && out.step%(24*time.Hour) != 0:
		return out, usageError{"from one date to the next it is whole days; write --from and --to as times for a shorter --step"}
	case out.to.Before(out.from):
		return out, usageError{"--to is before --from"}
	case int64(out.to.Sub(out.from)/out.step) >= maxBackfill:
		return out, usageError{fmt.Sprintf("that is more than %d runs", maxBackfill)}
	}
	return out, nil
}

func readTime(flag, text string) (at time.Time, date bool, err error) {
	if at, err = time.Parse(time.DateOnly, text); err == nil {
		return at, true, nil
	}
	if at, err = time.Parse(time.RFC3339, text); err == nil {
		return at.UTC(), false, nil
	}
	return at, false, usageError{fmt.Sprintf("--%s %s: want a date such as 2026-01-31 or a time such as 2026-01-31T12:00:00Z", flag, text)}
}

// runs lists the runs of a backfill, in the order in which they are to be started.
func (t times) runs(wf workflow.ID, f backfillFlags, declared *workflow.Param) ([]*pastRun, error) {
	kind := workflow.String
	if declared != nil && declared.Type != "" {
		kind = declared.Type
	}
	if kind != workflow.String && kind != workflow.Long {
		return nil, usageError{fmt.Sprintf("--param %s: the workflow declares a %s, and a time fits into a STRING or a LONG", f.param, kind)}
	}
	var out []*pastRun
	for at := t.from; !at.After(t.to); at = at.Add(t.step) {
		run := &pastRun{Value: t.text(at), param: workflow.Literal(t.text(at))}
		if kind == workflow.Long {
			number, err := typed(strconv.FormatInt(t.number(at), 10), workflow.Long)
			if err != nil {
				return nil, err
			}
			run.param = number
		}
		run.RequestID = requestOf(wf, f.param, run.Value, f.name)
		out = append(out, run)
	}
	return out, nil
}

func (t times) text(at time.Time) string {
	if t.dates {
		return at.Format(time.DateOnly)
	}
	return at.Format(time.RFC3339)
}

func (t times) number(at time.Time) int64 {
	if t.dates {
		year, month, day := at.Date()
		return int64(year*10_000 + int(month)*100 + day)
	}
	return at.UnixMilli()
}

// requestOf names the request for a run: the same run of the same backfill has always the same name.
func requestOf(parts ...string) string {
	name, err := json.Marshal(parts) // unlike joined texts, two lists never read alike
	if err != nil {
		panic(err) // unreachable: strings always encode
	}
	return uuid.NewHash(sha256.New(), uuid.Nil, append([]byte("segue backfill "), name...), 8).String()
}

// moment prints epoch milliseconds.
func moment(ms int64) string { return time.UnixMilli(ms).UTC().Format(time.RFC3339) }
