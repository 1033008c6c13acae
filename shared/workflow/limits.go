package workflow

// Limits of the specification. Nothing that a user sends may exceed them.
const (
	MaxRequestBytes       = 256 << 10
	MaxReportBytes        = 1 << 20 // of a job: params of MaxParamsLength, most characters of one byte, and the JSON around them
	MaxIDLength           = 128
	MaxNameLength         = 256
	MaxTextLength         = 16384
	MaxSteps              = 300 // over all levels of a definition
	MaxDepth              = 10  // of nested subworkflow, foreach and while
	MaxRunParams          = 128
	MaxParamsLength       = 750_000 // characters of the serialised evaluated params of one step or workflow
	MaxIterations         = 25_000
	MaxForeachConcurrency = 500
	MaxConcurrency        = 1000 // workflow, step
	MaxQueued             = 1_000_000
	DefaultParallel       = 20
	MaxRetries            = 99
	MaxDeliveryLimit      = 1000
	MaxSignalsPerTrigger  = 8
	MaxStartBatch         = 10
)
