package host

import (
	"context"
	"encoding/json"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/sns"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"github.com/segue-workflows/segue/localstack/template"
)

// queueAttributes are the properties of a queue that the service knows by the same name.
var queueAttributes = []string{"DelaySeconds", "MaximumMessageSize", "MessageRetentionPeriod", "ReceiveMessageWaitTimeSeconds",
	"RedrivePolicy", "RedriveAllowPolicy", "SqsManagedSseEnabled", "VisibilityTimeout", "FifoQueue", "ContentBasedDeduplication"}

// makeQueue makes a queue.
func (h *Host) makeQueue(ctx context.Context, w wanted) (template.Made, error) {
	given, attributes := "", map[string]string{}
	for property, value := range w.properties {
		switch {
		case property == "QueueName":
			given = fmt.Sprint(value)
		case property == "Tags":
		case slices.Contains(queueAttributes, property):
			text, err := attributeText(value)
			if err != nil {
				return template.Made{}, err
			}
			attributes[property] = text
		default:
			return template.Made{}, fmt.Errorf("the property %s is not known here", property)
		}
	}
	name := h.name(given, w.id)
	out, err := h.queues.CreateQueue(ctx, &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
	if err != nil {
		return template.Made{}, err
	}
	h.undo = append(h.undo, func(ctx context.Context) error {
		_, err := h.queues.DeleteQueue(ctx, &sqs.DeleteQueueInput{QueueUrl: out.QueueUrl})
		return err
	})
	found, err := h.queues.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: out.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
	})
	if err != nil {
		return template.Made{}, err
	}
	queueARN := found.Attributes[string(types.QueueAttributeNameQueueArn)]
	h.queueURLs[queueARN] = *out.QueueUrl
	return template.Made{Ref: *out.QueueUrl, Attributes: map[string]string{"Arn": queueARN, "QueueName": name, "QueueUrl": *out.QueueUrl}}, nil
}

// attributeText is a property as the service wants its attributes: a text, and objects as JSON.
func attributeText(value any) (string, error) {
	switch value.(type) {
	case map[string]any, []any:
		data, err := json.Marshal(value)
		return string(data), err
	}
	return fmt.Sprint(value), nil
}

// makeTopic makes a topic.
func (h *Host) makeTopic(ctx context.Context, w wanted) (template.Made, error) {
	var p struct {
		TopicName, FifoThroughputScope    string
		FifoTopic                         bool
		DisplayName, KmsMasterKeyId, Tags any
	}
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	name, attributes := h.name(p.TopicName, w.id), map[string]string{}
	if p.FifoTopic {
		name, attributes["FifoTopic"] = strings.TrimSuffix(name, ".fifo")+".fifo", "true"
	}
	out, err := h.topics.CreateTopic(ctx, &sns.CreateTopicInput{Name: &name, Attributes: attributes})
	if err != nil {
		return template.Made{}, err
	}
	h.undo = append(h.undo, func(ctx context.Context) error {
		_, err := h.topics.DeleteTopic(ctx, &sns.DeleteTopicInput{TopicArn: out.TopicArn})
		return err
	})
	return template.Made{Ref: *out.TopicArn, Attributes: map[string]string{"TopicArn": *out.TopicArn, "TopicName": name}}, nil
}

// makeSubscription lets a topic feed a queue.
func (h *Host) makeSubscription(ctx context.Context, w wanted) (template.Made, error) {
	in := &sns.SubscribeInput{Attributes: map[string]string{}, ReturnSubscriptionArn: true}
	for property, value := range w.properties {
		text, err := attributeText(value)
		if err != nil {
			return template.Made{}, err
		}
		switch property {
		case "TopicArn":
			in.TopicArn = &text
		case "Protocol":
			in.Protocol = &text
		case "Endpoint":
			in.Endpoint = &text
		case "RawMessageDelivery", "RedrivePolicy", "FilterPolicy", "FilterPolicyScope":
			in.Attributes[property] = text
		default:
			return template.Made{}, fmt.Errorf("the property %s is not known here", property)
		}
	}
	out, err := h.topics.Subscribe(ctx, in)
	if err != nil {
		return template.Made{}, err
	}
	return template.Made{Ref: *out.SubscriptionArn}, nil
}
