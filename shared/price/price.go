package price

import (
	_ "embed"
	"encoding/json"
	"time"

	"github.com/segue-workflows/segue/shared/meter"
)

//go:embed prices.json
var priceData []byte

// List is dollars, and the few facts of an idle month.
type List struct {
	Source     string
	PerMillion struct {
		WriteUnit     float64 `json:"write_unit"`
		ReadUnit      float64 `json:"read_unit"`
		QueueRequest  float64 `json:"queue_request"`
		Invocation    float64 `json:"invocation"`
		GBSecond      float64 `json:"gb_second"`
		Schedule      float64 `json:"schedule"`
		StepFunctions float64 `json:"step_functions_transition"`
		Durable       float64 `json:"durable_function_step"`
	} `json:"per_million"`
	PerMonth struct {
		Alarm     float64 `json:"alarm"`
		Metric    float64 `json:"metric"`
		Dashboard float64 `json:"dashboard"`
		LogGB     float64 `json:"log_gb"`
	} `json:"per_month"`
	Idle struct {
		Receives float64 `json:"receives_per_queue_and_minute"`
		Minutes  float64 `json:"minutes_per_month"`
		LogBytes float64 `json:"log_bytes_per_batch"`
	} `json:"idle"`
	Notes map[string]string
}

// Load returns the list.
func Load() (List, error) {
	var p List
	return p, json.Unmarshal(priceData, &p)
}

// functionMemory is that of the functions, in GB.
const functionMemory = 0.25

// Bill is what was used.
type Bill struct {
	meter.Snapshot
	Invocations int64
	Busy        time.Duration // of all invocations together
}

// GBSeconds is what Lambda bills time in.
func (b Bill) GBSeconds() float64 { return b.Busy.Seconds() * functionMemory }

// Dollars is the price of a million times the bill, which is how prices are written.
func (p List) Dollars(b Bill) float64 {
	m := p.PerMillion
	return float64(b.WriteUnits)*m.WriteUnit + b.ReadUnits*m.ReadUnit + float64(b.QueueRequests)*m.QueueRequest +
		float64(b.Invocations)*m.Invocation + b.GBSeconds()*m.GBSecond
}
