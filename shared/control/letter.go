package control

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Letter is the document of an attempt that was set aside because its delivery limit was reached.
type Letter struct {
	ID         string              `json:"id"` // workflow:instance:run:step:attempt
	WorkflowID workflow.ID         `json:"workflow_id"`
	InstanceID int64               `json:"workflow_instance_id"`
	RunID      int64               `json:"workflow_run_id"`
	StepID     workflow.StepID     `json:"step_id"`
	Attempt    int64               `json:"step_attempt_id"`
	Failures   int64               `json:"failed_deliveries"`
	Status     workflow.StepStatus `json:"status"`
	Time       int64               `json:"time"`
	Reason     string              `json:"reason"`

	run     *decide.Run // the newest of the instance
	ordinal int
}

// MaxLetters is the most that one list holds; what was redriven or dropped makes room for the others.
const MaxLetters = 1000

// Letters lists the attempts that were set aside, of one workflow unless wf is "", and says whether there are more. The
// list in the store is looked up and never believed: an attempt that was not set aside after all, or that another
// one followed, is left out.
func (c *Control) Letters(ctx context.Context, wf workflow.ID) (out []*Letter, more bool, err error) {
	shards := record.Shards
	if wf != "" {
		shards = 1
	}
	out = []*Letter{}
	for shard := range shards {
		for r := record.LetterRange(shard, wf); ; {
			items, next, err := c.Store.List(ctx, r)
			if err != nil {
				return nil, false, unavailable(err)
			}
			for _, item := range items {
				letter, err := c.listed(ctx, item)
				if err != nil {
					return nil, false, err
				}
				if letter != nil {
					out = append(out, letter)
				}
				if len(out) > MaxLetters {
					return out[:MaxLetters], true, nil
				}
			}
			if next == "" {
				break
			}
			r.From = next
		}
	}
	slices.SortStableFunc(out, func(a, b *Letter) int { return int(a.Time - b.Time) })
	return out, false, nil
}

func (c *Control) listed(ctx context.Context, item store.Item) (*Letter, error) {
	_, key, err := record.ParseLetterKey(item.Key)
	if err != nil {
		return nil, err
	}
	return c.letter(ctx, key)
}

// letter looks an attempt up. It returns nil for one that is not set aside, or not any more.
func (c *Control) letter(ctx context.Context, key workflow.AttemptKey) (*Letter, error) {
	run, err := c.LoadLatest(ctx, key.Workflow, key.Instance)
	if errors.Is(err, workflow.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	i, ok := run.Definition.Graph.Index(key.Step)
	if !ok || run.State.Steps[i].Attempt != key.Attempt {
		return nil, nil
	}
	home, n := run.DetailAt(i)
	if home.Run != key.Run || n == 0 {
		return nil, nil
	}
	detail, err := c.Detail(ctx, home, n, i)
	if err != nil || !detail.Aside {
		return nil, err
	}
	out := &Letter{ID: key.String(), WorkflowID: key.Workflow, InstanceID: key.Instance, RunID: key.Run, StepID: key.Step,
		Attempt: key.Attempt, Failures: detail.Failures, Status: run.State.Steps[i].Status, run: run, ordinal: i}
	out.Time = detail.Moves[len(detail.Moves)-1].At
	for _, event := range detail.Timeline {
		if event.Level == "ERROR" {
			out.Reason = event.Message
		}
	}
	return out, nil
}

// LetterAction is the answer to an action on a dead letter.
type LetterAction struct {
	ID      string `json:"id"`
	Done    bool   `json:"done"` // false: there was nothing to do any more
	Message string `json:"message"`
}

// Redrive lets the step of a dead letter run again, as a restart of it would, and takes the letter off the list. A
// letter that was redriven or dropped before, or whose step somebody restarted, changes nothing. It returns
// CodeInvalid for what is no letter's id, and when the step cannot be restarted now; then the letter stays.
func (c *Control) Redrive(ctx context.Context, id string, who Who) (*LetterAction, error) {
	key, err := parseLetter(id)
	if err != nil {
		return nil, err
	}
	letter, err := c.letter(ctx, key)
	if err != nil {
		return nil, err
	}
	if letter == nil {
		return &LetterAction{ID: id, Message: "it is no dead letter, or not any more: nothing was done"}, c.unlist(ctx, key)
	}
	text, err := c.redrive(ctx, letter, key, who)
	if err != nil {
		return nil, err
	}
	return &LetterAction{ID: id, Done: true, Message: text}, c.unlist(ctx, key)
}

// letters is the name space of the request ids of redrives.
var letters = uuid.MustParse("6b1a3f0e-57c9-4a86-9a53-0f2d6c2f3f7b")

// redrive restarts the step of a letter. In a run that goes on the guard is its attempt, in one that is over the
// request id: of two who redrive at once, one restarts.
func (c *Control) redrive(ctx context.Context, letter *Letter, key workflow.AttemptKey, who Who) (string, error) {
	if !letter.run.State.Status.Terminal() {
		run, err := c.act(ctx, letter.run.Key, func(turn *decide.Turn) error {
			if turn.State().Steps[letter.ordinal].Attempt != key.Attempt {
				return nil // somebody else was faster
			}
			return turn.RestartStep(letter.ordinal, who.order("RESTART"), nil)
		})
		if err != nil {
			return "", err
		}
		return fmt.Sprintf("redriven as attempt %d", run.State.Steps[letter.ordinal].Attempt), nil
	}
	body := &definition.StepRestart{}
	body.RequestID = uuid.NewSHA1(letters, []byte(key.String()+"@"+strconv.FormatInt(letter.run.Key.Run, 10))).String()
	at := Step{Run: workflow.RunKey{Workflow: key.Workflow, Instance: key.Instance}, Step: key.Step}
	started, err := c.RestartStep(ctx, at, body, who)
	if err != nil {
		return "", err
	}
	return fmt.Sprintf("redriven: %s instance %d restarted as run %d", started.WorkflowID, started.InstanceID, started.RunID), nil
}

// Drop takes a dead letter off the list; its step stays as it is. Dropping it again changes nothing. It returns
// CodeInvalid for what is no letter's id.
func (c *Control) Drop(ctx context.Context, id string) (*LetterAction, error) {
	key, err := parseLetter(id)
	if err != nil {
		return nil, err
	}
	home, err := c.homeOfLetter(ctx, key)
	if err != nil || home == "" {
		return &LetterAction{ID: id, Message: "it is no dead letter: nothing was done"}, err
	}
	items, err := c.Store.Get(ctx, store.Fresh, record.LetterKey(home, key))
	if err != nil {
		return nil, unavailable(err)
	}
	if items[0].Rev == 0 {
		return &LetterAction{ID: id, Message: "it is no dead letter, or not any more: nothing was done"}, nil
	}
	return &LetterAction{ID: id, Done: true, Message: "dropped"}, c.unlist(ctx, key)
}

// unlist takes an attempt off the list.
func (c *Control) unlist(ctx context.Context, key workflow.AttemptKey) error {
	home, err := c.homeOfLetter(ctx, key)
	if err != nil || home == "" {
		return err
	}
	return c.remove(ctx, record.LetterKey(home, key))
}

// homeOfLetter returns the workflow that holds the definition of an attempt; "" when there is no such run.
func (c *Control) homeOfLetter(ctx context.Context, key workflow.AttemptKey) (workflow.ID, error) {
	if !workflow.Inline(key.Workflow) {
		return key.Workflow, nil
	}
	run, err := c.LoadRun(ctx, key.RunKey)
	if errors.Is(err, workflow.ErrNotFound) {
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return decide.HomeOf(run.Key, run.Header), nil
}

// parseLetter reads workflow:instance:run:step:attempt.
func parseLetter(id string) (workflow.AttemptKey, error) {
	parts := strings.Split(id, ":")
	if len(parts) == 5 && parts[3] != "" && !strings.Contains(id, "/") {
		run, err1 := workflow.ParseRunKey(strings.Join(parts[:3], ":"))
		attempt, err2 := strconv.ParseInt(parts[4], 10, 64)
		if err1 == nil && err2 == nil && attempt > 0 {
			return workflow.AttemptKey{RunKey: run, Step: parts[3], Attempt: attempt}, nil
		}
	}
	return workflow.AttemptKey{}, workflow.Errorf(workflow.CodeInvalid, "a dead letter is named workflow:instance:run:step:attempt")
}
