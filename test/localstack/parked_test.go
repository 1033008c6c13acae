package localstack

import (
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// testParked parks two messages on the stack's real queue: both are listed and stay, the hint is redriven, and looked up by
// the function behind it, the other can only be dropped.
func testParked(t *testing.T) {
	need(t)
	t.Parallel()
	h, c := open(t, nil)
	url := h.Outputs()[wire.OutputParked]
	keys := credentials.NewStaticCredentialsProvider("test", "test", "")
	queue := sqs.New(sqs.Options{Region: "eu-west-1", BaseEndpoint: &localStack.address, Credentials: keys})
	run := hint.Message{Kind: hint.Run, Run: workflow.RunKey{Workflow: "gone", Instance: 1, Run: 1}, Hops: 9}
	for _, body := range []string{string(run.Encode()), "what nobody understands"} {
		if _, err := queue.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &url, MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	ids := map[bool]string{} // by whether it can be redriven
	for deadline := time.Now().Add(allEnd); len(ids) < 2 && time.Now().Before(deadline); {
		letters, err := c.DeadLetters(t.Context(), "")
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range letters.Parked {
			ids[p.Redrivable] = p.ID
		}
	}
	if len(ids) != 2 {
		t.Fatalf("parked: %v", ids)
	}
	act := func(redrivable bool, action string) *client.LetterActed {
		acted, err := c.ActOnLetter(t.Context(), ids[redrivable], action)
		for deadline := time.Now().Add(allEnd); err == nil && !acted.Done && time.Now().Before(deadline); {
			acted, err = c.ActOnLetter(t.Context(), ids[redrivable], action) // hidden by a list before
		}
		if err != nil {
			t.Fatal(err)
		}
		return acted
	}
	for redrivable, action := range map[bool]string{true: "redrive", false: "drop"} {
		if acted := act(redrivable, action); !acted.Done {
			t.Errorf("%s: %+v", action, acted)
		}
	}
	for deadline := time.Now().Add(allEnd); h.Received("DeadLetterQueue") == 0; {
		if time.Now().After(deadline) {
			t.Fatal("what was redriven was never looked up")
		}
		<-time.After(100 * time.Millisecond)
	}
}
