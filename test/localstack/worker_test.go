package localstack

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/localstack/host"
	"github.com/segue-workflows/segue/shared/runtime/handover"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// testWorker hands a Queue step over to a worker of a real queue: he gets the task, leaves it once, gets it again with its
// receive count, and ends the step with the token that is in it. A second success is late.
func testWorker(t *testing.T) {
	need(t)
	t.Parallel()
	keys := credentials.NewStaticCredentialsProvider("test", "test", "")
	queue := sqs.New(sqs.Options{Region: "eu-west-1", BaseEndpoint: &localStack.address, Credentials: keys})
	name := fmt.Sprintf("workers-%d", time.Now().UnixNano())
	made, err := queue.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: map[string]string{"VisibilityTimeout": "1"}})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := queue.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: made.QueueUrl}); err != nil {
			t.Error(err)
		}
	})
	_, c := open(t, func(o *host.Options) {
		o.Template = narrow(t, o.Template, map[string]string{wire.WorkerQueues: fmt.Sprintf(`{"workers": %q}`, *made.QueueUrl)})
	})
	pushed, err := c.Push(t.Context(), []byte(`{"properties": {"owner": "teller"}, "workflow": {"id": "handed", "steps": [
 {"step": {"id": "ask", "type": "Queue", "params": {"n": {"type": "LONG", "value": 1, "mode": "MUTABLE"},
  "queue": {"type": "MAP", "value": {"name": {"type": "STRING", "value": "workers"}}}}}}]}}`), false)
	if err != nil {
		t.Fatal(err)
	}
	started, err := c.Start(t.Context(), pushed.Metadata.WorkflowID, "active", client.Start{})
	if err != nil {
		t.Fatal(err)
	}
	key := workflow.RunKey{Workflow: started.WorkflowID, Instance: started.Instance, Run: started.Run}
	task := receiveTask(t, queue, *made.QueueUrl)
	if task.Workflow != key.Workflow || task.Instance != key.Instance || task.Attempt != 1 || task.FailedDeliveries != 0 || task.Token == "" {
		t.Errorf("the task is of %s %d, attempt %d, with %d failed deliveries", task.Workflow, task.Instance, task.Attempt, task.FailedDeliveries)
	}
	for _, want := range []int{http.StatusOK, http.StatusConflict} {
		request, err := http.NewRequestWithContext(t.Context(), http.MethodPut, task.Callback+"/callbacks/success",
			strings.NewReader(`{"params": {"n": {"type": "LONG", "value": 7}}}`))
		if err != nil {
			t.Fatal(err)
		}
		request.Header.Set("Segue-Token", task.Token)
		response, err := http.DefaultClient.Do(request)
		if err != nil {
			t.Fatal(err)
		}
		if _ = response.Body.Close(); response.StatusCode != want {
			t.Errorf("the worker is answered with %d, want %d", response.StatusCode, want)
		}
	}
	if run, err := await(t.Context(), c, key); err != nil || run.Status != workflow.InstanceSucceeded {
		t.Errorf("%+v, %v", run, err)
	}
}

// receiveTask receives the one task of a queue, once without doing it.
func receiveTask(t *testing.T, queue *sqs.Client, url string) (task handover.Task) {
	t.Helper()
	first := ""
	for deadline := time.Now().Add(allEnd); time.Now().Before(deadline); {
		out, err := queue.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{QueueUrl: &url, WaitTimeSeconds: 2, MaxNumberOfMessages: 1,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount}})
		if err != nil {
			t.Fatal(err)
		}
		if len(out.Messages) == 0 {
			continue
		}
		message := out.Messages[0]
		if err := json.Unmarshal([]byte(aws.ToString(message.Body)), &task); err != nil {
			t.Fatal(err)
		}
		if first == "" {
			first = task.Key
			continue // he died with it
		}
		if count := message.Attributes["ApproximateReceiveCount"]; count < "2" || task.Key != first {
			t.Errorf("the task comes again as %s after %s, with the receive count %s", task.Key, first, count)
		}
		return task
	}
	t.Fatal("the task did not come twice")
	return task
}
