package entry

import (
	"context"
	"slices"
	"testing"

	"github.com/aws/aws-lambda-go/events"

	"github.com/segue-workflows/segue/shared/engine/enginetest"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/workflow"
)

func TestDeadLettersAreLookedUpAndNeverBelieved(t *testing.T) {
	t.Parallel()
	key := workflow.RunKey{Workflow: "w", Instance: 2, Run: 3}
	letters := map[string]struct {
		letter hint.Message
		looks  bool
	}{
		"run":   {hint.Message{Kind: hint.Run, Run: key, Hops: 7}, true},
		"steps": {hint.Message{Kind: hint.Steps, Run: key, Steps: [][2]int64{{4, 1}}}, true},
		"ended": {hint.Message{Kind: hint.Ended, Run: key}, true},
		"sweep": {hint.Message{Kind: hint.Sweep, Generation: 9}, false},
	}
	for name, row := range letters {
		var looked []hint.Message
		b := newBench(nil)
		b.Handle = DeadLetters{Log: b.Log, Look: func(_ context.Context, m hint.Message) error {
			looked = append(looked, m)
			return nil
		}}.Handle
		if got := failed(t, b, record("1", string(row.letter.Encode()), 1)); got != nil {
			t.Errorf("%s: comes again", name)
		}
		if !row.looks {
			if looked != nil {
				t.Errorf("%s: looked up as %+v", name, looked)
			}
			continue
		}
		if len(looked) != 1 || looked[0].Kind != row.letter.Kind || looked[0].Run != key || looked[0].Again {
			t.Errorf("%s: looked up as %+v; want the letter, once", name, looked)
		}
	}
}

// TestALetterOfAStepSendsItsHintOnce: the run is ready and nobody holds it, so its hint is sent again; the
// letter of a run that ended sends nothing.
func TestALetterOfAStepSendsItsHintOnce(t *testing.T) {
	t.Parallel()
	w := enginetest.New(t, nil)
	w.Push(&workflow.Workflow{ID: "w", Steps: []*workflow.Step{enginetest.Step("s", "Echo")}}, workflow.DefaultRunStrategy)
	key := w.Start("w", "").Key
	letter := hint.Message{Kind: hint.Steps, Run: key, Steps: [][2]int64{{0, 1}}}
	drain(t, w)
	b := newBench(nil)
	b.Handle = DeadLetters{Log: b.Log, Look: w.Evaluate.DeadLetter}.Handle
	if got := failed(t, b, record("1", string(letter.Encode()), 1)); got != nil {
		t.Fatalf("comes again: %s", b.log)
	}
	if got := drain(t, w); !slices.Equal(got, []string{hint.Steps}) {
		t.Errorf("sent %v; want the hint of the step once", got)
	}
	unknown := hint.Message{Kind: hint.Steps, Run: workflow.RunKey{Workflow: "w", Instance: 99, Run: 1}, Steps: [][2]int64{{0, 1}}}
	if got := failed(t, b, record("2", string(unknown.Encode()), 1)); got != nil || len(drain(t, w)) > 0 {
		t.Error("a letter of a run that is not there must be dropped")
	}
}

// drain takes the kinds of all messages that are there.
func drain(t *testing.T, w *enginetest.World) (kinds []string) {
	t.Helper()
	for _, name := range hint.Queues {
		for {
			batch, err := w.Queue.Receive(t.Context(), name, queue.MaxBatch, 0)
			if err != nil {
				t.Fatal(err)
			}
			if len(batch) == 0 {
				break
			}
			for _, d := range batch {
				m, err := hint.Decode(d.Body)
				if err != nil {
					t.Fatal(err)
				}
				kinds = append(kinds, m.Kind)
				if err := w.Queue.Delete(t.Context(), name, d.Receipt); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	return kinds
}

func TestASplitKnowsTheQueueOfAnEvent(t *testing.T) {
	t.Parallel()
	var served string
	serve := func(name string) *Batch {
		b := newBench(func(_ context.Context, messages []hint.Message) []error {
			served = name
			return make([]error, len(messages))
		})
		return b.Batch
	}
	split := Split{Dead: QueueName("https://sqs.eu-west-1.amazonaws.com/1/segue-dead-1"), Letters: serve("letters"), Others: serve("others")}
	for arn, want := range map[string]string{"arn:aws:sqs:eu-west-1:1:segue-dead-1": "letters", "arn:aws:sqs:eu-west-1:1:segue-rollup-1": "others"} {
		r := record("1", runHint("start"), 1)
		r.EventSourceARN = arn
		if _, err := split.Invoke(t.Context(), events.SQSEvent{Records: []events.SQSMessage{r}}); err != nil || served != want {
			t.Errorf("%s: served by %s, %v; want %s", arn, served, err, want)
		}
	}
}
