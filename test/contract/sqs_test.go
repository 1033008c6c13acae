package contract_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/segue-workflows/segue/shared/aws"
	"github.com/segue-workflows/segue/test/contract"
)

func TestSQSQueue(t *testing.T) {
	endpoint := emulator(t, "SEGUE_SQS", "../../localstack/localstack.sh")
	client := sqs.New(sqs.Options{
		Region: "eu-central-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
	contract.Queue(t, func(t *testing.T) contract.QueueSubject {
		name := fmt.Sprintf("contract-%016x", rand.Uint64())
		dead := createQueue(t, client, name+"-dead", nil)
		work := createQueue(t, client, name, map[string]string{
			"VisibilityTimeout": "2",
			"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":"%s","maxReceiveCount":"3"}`, arnOf(t, client, dead)),
		})
		return contract.QueueSubject{
			Queue: aws.NewQueue(client, map[string]string{"work": work, "dead": dead}),
			Name:  "work", DeadLetters: "dead", Visibility: 2 * time.Second,
			Pass:              func(d time.Duration) { <-time.After(d + 200*time.Millisecond) }, // the clock of a service cannot be moved
			AnyReceiptDeletes: true,                                                             // LocalStack does
		}
	})
}

func createQueue(t *testing.T, client *sqs.Client, name string, attributes map[string]string) string {
	t.Helper()
	out, err := client.CreateQueue(context.Background(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteQueue(context.Background(), &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl}); err != nil {
			t.Error(err)
		}
	})
	return *out.QueueUrl
}

func arnOf(t *testing.T, client *sqs.Client, url string) string {
	t.Helper()
	out, err := client.GetQueueAttributes(context.Background(), &sqs.GetQueueAttributesInput{QueueUrl: &url, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn}})
	if err != nil {
		t.Fatal(err)
	}
	return out.Attributes[string(types.QueueAttributeNameQueueArn)]
}
