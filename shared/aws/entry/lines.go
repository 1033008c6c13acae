package entry

import (
	"encoding/json"
	"io"
	"strconv"
	"sync"
	"time"

	"github.com/segue-workflows/segue/shared/engine/hint"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/wire"
)

// Lines writes one line of JSON for each batch. What a batch did and cost is in its fields, for queries of
// the log; CloudWatch makes metrics of those few that the line declares (its embedded metric format), and
// only these cost extra. A nil *Lines writes nothing.
type Lines struct {
	Out      io.Writer
	Stage    string
	Function string
	Full     bool          // declare the metrics of the function too
	Meter    *meter.Meter  // what the store and the queues cost
	Pace     time.Duration // by how much a sweep that sent itself was delayed on purpose

	mu sync.Mutex
}

// line is what is written. The field names are those of the metrics where there is one.
type line struct {
	AWS           *declaration `json:"_aws,omitempty"`
	Time          time.Time    `json:"time"`
	Message       string       `json:"msg"`
	Stage         string       `json:"Stage"`
	Function      string       `json:"Function"`
	Queue         string       `json:"Queue"`
	Records       int          `json:"Records"`
	Failed        int          `json:"Failed"`
	Parked        int          `json:"Parked"`
	Milliseconds  int64        `json:"Milliseconds"`
	WriteUnits    int64        `json:"WriteUnits"`
	ReadUnits     float64      `json:"ReadUnits"`
	QueueRequests int64        `json:"QueueRequests"`
	Refused       int64        `json:"Refused"`
	SweepLag      *int64       `json:"SweepLag,omitempty"`
}

// declaration tells CloudWatch which fields are metrics.
type declaration struct {
	Timestamp int64        `json:"Timestamp"`
	Metrics   []metricsSet `json:"CloudWatchMetrics"`
}

type metricsSet struct {
	Namespace  string     `json:"Namespace"`
	Dimensions [][]string `json:"Dimensions"`
	Metrics    []metric   `json:"Metrics"`
}

type metric struct {
	Name string `json:"Name"`
	Unit string `json:"Unit"`
}

// begin returns what has been spent so far.
func (l *Lines) begin() meter.Snapshot {
	if l == nil {
		return meter.Snapshot{}
	}
	return l.Meter.Snapshot()
}

// end writes the line of a batch.
func (l *Lines) end(source string, began, ended time.Time, before meter.Snapshot, batch []delivery) {
	if l == nil || len(batch) == 0 {
		return
	}
	spent := l.Meter.Snapshot().Sub(before)
	out := line{
		Time: ended.UTC(), Message: "batch", Stage: l.Stage, Function: l.Function, Queue: source,
		Records: len(batch), Milliseconds: ended.Sub(began).Milliseconds(),
		WriteUnits: spent.WriteUnits, ReadUnits: spent.ReadUnits, QueueRequests: spent.QueueRequests, Refused: spent.Refused,
		SweepLag: l.sweepLag(began, batch),
	}
	for i := range batch {
		switch batch[i].verdict {
		case leave:
			out.Failed++
		case park:
			out.Parked++
		}
	}
	out.AWS = l.declare(ended, out.SweepLag != nil)
	l.write(out)
}

func (l *Lines) declare(at time.Time, sweeps bool) *declaration {
	var sets []metricsSet
	if sweeps {
		sets = append(sets, metricsSet{wire.Namespace, [][]string{{wire.DimensionStage}}, []metric{{wire.MetricSweepLag, "Milliseconds"}}})
	}
	if l.Full {
		sets = append(sets, metricsSet{wire.Namespace, [][]string{{wire.DimensionStage, wire.DimensionSource}},
			[]metric{{wire.MetricFailed, "Count"}, {wire.MetricParked, "Count"}}})
	}
	if sets == nil {
		return nil
	}
	return &declaration{at.UnixMilli(), sets}
}

// sweepLag returns by how many milliseconds the latest sweep of the batch came too late; nil without a sweep.
func (l *Lines) sweepLag(now time.Time, batch []delivery) *int64 {
	var lag *int64
	for i := range batch {
		d := &batch[i]
		if d.foreign != nil || d.message.Kind != hint.Sweep {
			continue
		}
		sent, err := strconv.ParseInt(d.record.Attributes["SentTimestamp"], 10, 64)
		if err != nil {
			continue
		}
		late := now.UnixMilli() - sent
		if d.message.Generation > 0 {
			late -= l.Pace.Milliseconds()
		}
		if late = max(late, 0); lag == nil || late > *lag {
			lag = &late
		}
	}
	return lag
}

func (l *Lines) write(out line) {
	data, err := json.Marshal(out)
	if err != nil {
		return // no field can fail, and a line is not worth an invocation
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	_, _ = l.Out.Write(append(data, '\n'))
}
