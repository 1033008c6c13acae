package main

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssqs"
	"github.com/aws/jsii-runtime-go"

	"github.com/segue-workflows/segue/shared/wire"
)

const (
	visibilityFactor = 6  // a message stays hidden so many times longer than its function may run
	keepDays         = 4  // in the queues that feed functions
	keepDeadDays     = 14 // a dead letter keeps the time when it was first sent, so its queue must keep longer

	// Receives count also when Lambda throttles, so they say little of a message: failed deliveries are
	// counted on the attempt, with a limit of 20. These limits only end what nothing else ends.
	maxReceives     = 50
	maxReceivesDead = 100 // then a dead letter is parked
)

// makeQueues makes the four queues that feed functions, the one behind them, and the one for people.
func (s *segue) makeQueues() {
	s.queues[wire.Parked] = s.queue(wire.Parked, "ParkedQueue", keepDeadDays, nil)
	s.queues[wire.DeadLetters] = s.queue(wire.DeadLetters, "DeadLetterQueue", keepDeadDays,
		&awssqs.DeadLetterQueue{Queue: s.queues[wire.Parked], MaxReceiveCount: number(maxReceivesDead)})
	dead := &awssqs.DeadLetterQueue{Queue: s.queues[wire.DeadLetters], MaxReceiveCount: number(maxReceives)}
	s.queues[wire.Trigger] = s.queue(wire.Trigger, "TriggerQueue", keepDays, dead)
	s.queues[wire.Evaluate] = s.queue(wire.Evaluate, "EvaluateQueue", keepDays, dead)
	s.queues[wire.Dispatch] = s.queue(wire.Dispatch, "DispatchQueue", keepDays, dead)
	s.queues[wire.Rollup] = s.queue(wire.Rollup, "RollupQueue", keepDays, dead)
}

func (s *segue) queue(name, id string, keep int, dead *awssqs.DeadLetterQueue) awssqs.Queue {
	return awssqs.NewQueue(s.stack, text(id), &awssqs.QueueProps{
		VisibilityTimeout: seconds(visibilityFactor * timeOf(readerOf(name))),
		RetentionPeriod:   days(keep),
		DeadLetterQueue:   dead,
		Encryption:        awssqs.QueueEncryption_SQS_MANAGED,
		RemovalPolicy:     cdk.RemovalPolicy_DESTROY, // messages are hints: losing them loses nothing
	})
}

// readerOf returns the function that a queue feeds.
func readerOf(queue string) string {
	if queue == wire.DeadLetters || queue == wire.Parked {
		return wire.Rollup
	}
	return queue
}

// makeTopics makes the edges to other systems: signals come in by one topic, events go out by the other, if they do.
func (s *segue) makeTopics() {
	s.signals = awssns.NewTopic(s.stack, text("SignalTopic"), &awssns.TopicProps{DisplayName: text("Segue signals, in")})
	s.makeEventTopic()
	s.signals.AddSubscription(awssnssubscriptions.NewSqsSubscription(s.queues[wire.Trigger], &awssnssubscriptions.SqsSubscriptionProps{
		RawMessageDelivery: jsii.Bool(true),
		DeadLetterQueue:    s.queues[wire.DeadLetters],
	}))
}
