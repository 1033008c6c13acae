package main

import (
	cdk "github.com/aws/aws-cdk-go/awscdk/v2"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatch"
	"github.com/aws/aws-cdk-go/awscdk/v2/awscloudwatchactions"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssns"
	"github.com/aws/aws-cdk-go/awscdk/v2/awssnssubscriptions"
	"github.com/aws/jsii-runtime-go"

	"github.com/segue-workflows/segue/shared/wire"
)

// observe makes the alarms, and the dashboard where it is wanted. Both read the metrics that AWS writes for
// nothing wherever there is one; each alarm has its price.
func (s *segue) observe() {
	if s.options.observability == wire.ObserveNone {
		return
	}
	topic := awssns.NewTopic(s.stack, text("AlarmTopic"), &awssns.TopicProps{DisplayName: text("Segue alarms")})
	if s.options.alarmEmail != "" {
		topic.AddSubscription(awssnssubscriptions.NewEmailSubscription(text(s.options.alarmEmail), nil))
	}
	notify := awscloudwatchactions.NewSnsAction(topic)
	for _, a := range s.alarms() {
		awscloudwatch.NewAlarm(s.stack, text(a.id), &awscloudwatch.AlarmProps{
			AlarmDescription:   text(a.means),
			Metric:             a.metric,
			Threshold:          number(a.above),
			EvaluationPeriods:  number(a.periods),
			ComparisonOperator: awscloudwatch.ComparisonOperator_GREATER_THAN_THRESHOLD,
			TreatMissingData:   a.silence(),
		}).AddAlarmAction(notify)
	}
	if s.options.observability == wire.ObserveFull {
		s.dashboard()
	}
}

// alarm says when somebody has to look, and why.
type alarm struct {
	id      string
	means   string
	metric  awscloudwatch.IMetric
	above   int
	periods int
	always  bool // there must be data: silence is an alarm too
}

func (a alarm) silence() awscloudwatch.TreatMissingData {
	if a.always {
		return awscloudwatch.TreatMissingData_BREACHING
	}
	return awscloudwatch.TreatMissingData_NOT_BREACHING
}

const (
	oldMessage  = 300     // seconds: hints are delayed by a minute at most
	lateSweep   = 15_000  // milliseconds by which healing may be later than promised
	lateEvents  = 300_000 // milliseconds by which the stream is behind
	muchRefused = 1_000   // guarded writes that lost, in five minutes
)

func (s *segue) alarms() []alarm {
	list := []alarm{
		{id: "DeadLettersAlarm", periods: 1, metric: s.queueMetric(wire.DeadLetters, "NumberOfMessagesReceived", "Sum"),
			means: "Messages were received too often. Rollup looks up what they speak of; its log names the runs."},
		{id: "ParkedAlarm", periods: 1, metric: s.queueMetric(wire.Parked, "ApproximateNumberOfMessagesVisible", "Maximum"),
			means: "Messages that nobody understands wait for a person."},
		{id: "SweepLagAlarm", periods: 2, above: lateSweep, metric: s.sweepLag(), always: true,
			means: "The sweep is late or dead: forgotten work is found late."},
		{id: "ConflictsAlarm", periods: 3, above: muchRefused, metric: s.tableMetric("ConditionalCheckFailedRequests"),
			means: "Many handlers write the same items at once: time and write units are lost."},
	}
	if s.events != nil {
		list = append(list, alarm{id: "EventsAlarm", periods: 2, above: lateEvents, metric: s.functions[wire.Rollup].Metric(text("IteratorAge"),
			&awscloudwatch.MetricOptions{Statistic: text("Maximum")}),
			means: "Events are published late: the topic does not take them, or rollup does not run."})
	}
	for _, f := range functions {
		if f.batches > 0 {
			list = append(list, alarm{id: f.id + "AgeAlarm", periods: 3, above: oldMessage,
				metric: s.queueMetric(f.name, "ApproximateAgeOfOldestMessage", "Maximum"),
				means:  "The " + f.name + " queue is not worked off."})
		}
		list = append(list,
			alarm{id: f.id + "ErrorsAlarm", periods: 1, metric: s.functions[f.name].MetricErrors(nil),
				means: "Invocations of " + f.name + " failed as a whole: time-outs, crashes, missing settings."},
			alarm{id: f.id + "ThrottlesAlarm", periods: 3, metric: s.functions[f.name].MetricThrottles(nil),
				means: "Lambda refuses to run " + f.name + ": the account's concurrency is used up."})
	}
	return list
}

func (s *segue) queueMetric(queue, name, statistic string) awscloudwatch.Metric {
	return s.queues[queue].Metric(text(name), &awscloudwatch.MetricOptions{
		Statistic: text(statistic), Period: cdk.Duration_Minutes(number(1)), Label: text(queue),
	})
}

func (s *segue) tableMetric(name string) awscloudwatch.Metric {
	return s.table.Metric(text(name), &awscloudwatch.MetricOptions{
		Statistic: text("Sum"), Label: text(name),
		DimensionsMap: &map[string]*string{"TableName": s.table.TableName()},
	})
}

func (s *segue) sweepLag() awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: text(wire.Namespace), MetricName: text(wire.MetricSweepLag), Statistic: text("Maximum"),
		DimensionsMap: &map[string]*string{wire.DimensionStage: text(s.options.stage)},
		Label:         text("sweep lag, ms"),
	})
}

// ownMetric is one that the functions write, for one of them.
func (s *segue) ownMetric(name, function string) awscloudwatch.Metric {
	return awscloudwatch.NewMetric(&awscloudwatch.MetricProps{
		Namespace: text(wire.Namespace), MetricName: text(name), Statistic: text("Sum"),
		DimensionsMap: &map[string]*string{wire.DimensionStage: text(s.options.stage), wire.DimensionSource: text(function)},
		Label:         text(function),
	})
}

// dashboard answers three questions, a row for each: is it healthy, what is stuck, what does it cost.
func (s *segue) dashboard() {
	var errors, throttles, failed, slow, count, ages, waiting, sent []awscloudwatch.IMetric
	p99 := &awscloudwatch.MetricOptions{Statistic: text("p99")}
	for _, f := range functions {
		made := s.functions[f.name]
		errors = append(errors, made.MetricErrors(nil))
		throttles = append(throttles, made.MetricThrottles(nil))
		slow = append(slow, made.MetricDuration(p99))
		count = append(count, made.MetricInvocations(nil))
		if f.batches > 0 {
			failed = append(failed, s.ownMetric(wire.MetricFailed, f.name))
		}
	}
	for _, q := range wire.Queues {
		ages = append(ages, s.queueMetric(q.Name, "ApproximateAgeOfOldestMessage", "Maximum"))
		waiting = append(waiting, s.queueMetric(q.Name, "ApproximateNumberOfMessagesVisible", "Maximum"))
		sent = append(sent, s.queueMetric(q.Name, "NumberOfMessagesSent", "Sum"))
	}
	board := awscloudwatch.NewDashboard(s.stack, text("Dashboard"), &awscloudwatch.DashboardProps{
		DashboardName: text("segue-" + s.options.stage),
	})
	board.AddWidgets(graph("Is it healthy? Failed invocations", errors), graph("Throttled invocations", throttles),
		graph("Messages left for redelivery", failed), graph("Duration, p99", slow))
	board.AddWidgets(graph("What is stuck? Age of the oldest message", ages), graph("Messages that wait", waiting),
		graph("Sweep lag", list(s.sweepLag())), graph("Writes that lost", list(s.tableMetric("ConditionalCheckFailedRequests"))))
	board.AddWidgets(graph("What does it cost? Write units", list(s.tableMetric("ConsumedWriteCapacityUnits"))),
		graph("Read units", list(s.tableMetric("ConsumedReadCapacityUnits"))),
		graph("Messages sent", sent), graph("Invocations", count))
}

func list(metrics ...awscloudwatch.IMetric) []awscloudwatch.IMetric { return metrics }

func graph(title string, metrics []awscloudwatch.IMetric) awscloudwatch.GraphWidget {
	return awscloudwatch.NewGraphWidget(&awscloudwatch.GraphWidgetProps{
		Title: text(title), Left: &metrics, Width: number(6), Height: number(6), LiveData: jsii.Bool(true),
	})
}
