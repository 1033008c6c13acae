package wire

// Functions, each by the folder of its program below functions/.
const (
	API      = "api"
	Trigger  = "trigger"
	Evaluate = "evaluate"
	Dispatch = "dispatch"
	Rollup   = "rollup"
)

// Functions lists all. Each but the first is fed by the queue of its own name.
var Functions = []string{API, Trigger, Evaluate, Dispatch, Rollup}

// Queues that feed functions are named like these; two more hold what went wrong.
const (
	DeadLetters = "dead-letters" // received too often: rollup looks up what they speak of
	Parked      = "parked"       // nobody polls it: for people
)

// Environment variables of the functions.
const (
	Table           = "SEGUE_TABLE"             // name of the table
	TriggerQueue    = "SEGUE_TRIGGER_QUEUE"     // address of the queue, and so on
	EvaluateQueue   = "SEGUE_EVALUATE_QUEUE"    //
	DispatchQueue   = "SEGUE_DISPATCH_QUEUE"    //
	RollupQueue     = "SEGUE_ROLLUP_QUEUE"      //
	DeadLetterQueue = "SEGUE_DEAD_LETTER_QUEUE" //
	ParkedQueue     = "SEGUE_PARKED_QUEUE"      //
	Stage           = "SEGUE_STAGE"             // of the deployment: dev, prod, ...
	Observability   = "SEGUE_OBSERVABILITY"     // ObserveNone, ObserveAlarms or ObserveFull
	CallerClaim     = "SEGUE_CALLER_CLAIM"      // claim of the token that names the caller; empty: IAM names him
	Secrets         = "SEGUE_SECRETS"           // which secrets a caller may refer to in what he pushes: {"caller": ["name", "beginning/*"]}
	Agent           = "SEGUE_AGENT"             // address of the agent of secrets; empty: the function asks the service itself
	AgentToken      = "SEGUE_AGENT_TOKEN_FILE"  // the file with the token that the agent wants to see
	Address         = "SEGUE_ADDRESS"           // of the API, for jobs that call back
	HTTPAllow       = "SEGUE_HTTP_ALLOW"        // what Http steps may call, separated by commas; empty: nothing
	LambdaAllow     = "SEGUE_LAMBDA_ALLOW"      // names and ARNs of what Lambda steps may call, separated by commas
	WorkerQueues    = "SEGUE_WORKER_QUEUES"     // queues of Queue steps: {"name": "address"}
	Containers      = "SEGUE_CONTAINERS"        // where the containers of steps run, and as which tasks; empty: nowhere
	Retention       = "SEGUE_RETENTION_DAYS"    // how long runs are kept after their deadline; empty: 90
	DeliveryLimit   = "SEGUE_DELIVERY_LIMIT"    // failed deliveries after which an attempt is given up; empty: 20
	MaxIterations   = "SEGUE_MAX_ITERATIONS"    // of one loop; empty: 25000
	Concurrency     = "SEGUE_CONCURRENCY"       // how many jobs of a step type execute at once: Http=50,Lambda=20; empty: any number
	DeliveryAction  = "SEGUE_DELIVERY_ACTION"   // what happens to it then: fail (empty) or drop
	Tracing         = "SEGUE_TRACING"           // not empty: spans are written for X-Ray
	ScheduleGroup   = "SEGUE_SCHEDULE_GROUP"    // of EventBridge Scheduler, for time triggers; empty: wake items alone
	ScheduleRole    = "SEGUE_SCHEDULE_ROLE"     // ARN of the role of those schedules
	ScheduleQueue   = "SEGUE_SCHEDULE_QUEUE"    // ARN of the queue that they put messages on
	ScheduleDead    = "SEGUE_SCHEDULE_DEAD"     // ARN of the queue for what they could not put there
	EventTopic      = "SEGUE_EVENT_TOPIC"       // ARN of the topic that events go to, for the function that publishes them
	EventEnvelope   = "SEGUE_EVENT_ENVELOPE"    // of those events: EnvelopeCloud, or empty for none
	LogLevel        = "SEGUE_LOG_LEVEL"         // debug, info, warn or error
)

// The extension that is the agent of secrets, in the layer that the functions which read secrets have.
const (
	AgentProgram = "segue-agent"      // in the layer's folder extensions
	AgentLayer   = "agent"            // the folder of the layer among the programs
	AgentFile    = "/tmp/awssmatoken" // the one folder that an extension can write
	AgentAddress = "127.0.0.1:2773"   // as AWS's own agent has it
)

// APIPath is where the API begins below its address.
const APIPath = "/api/v3"

// JobRoutes are the routes of the API for jobs. They show the token of their attempt, which the function checks, so the
// gateway lets them through.
var JobRoutes = []string{
	"PUT " + APIPath + "/output-data",
	"PUT " + APIPath + "/callbacks/heartbeat",
	"PUT " + APIPath + "/callbacks/success",
	"PUT " + APIPath + "/callbacks/failure",
}

// Queue is a queue that feeds a function or takes what failed, and the variable with its address.
type Queue struct{ Name, Variable string }

// Queues lists all.
var Queues = []Queue{
	{Trigger, TriggerQueue},
	{Evaluate, EvaluateQueue},
	{Dispatch, DispatchQueue},
	{Rollup, RollupQueue},
	{DeadLetters, DeadLetterQueue},
	{Parked, ParkedQueue},
}

// ParkedEvent is what is parked of a record of the table's stream: enough to find it, and nothing of what it holds.
type ParkedEvent struct {
	Kind     string `json:"parked"` // ParkedKindEvent
	Part     string `json:"part"`
	Sort     string `json:"sort"`
	Sequence string `json:"sequence"`
	Stream   string `json:"stream"`
	Code     string `json:"code"`
	Reason   string `json:"reason"`
}

// ParkedKindEvent tells a ParkedEvent from other messages that are parked.
const ParkedKindEvent = "event"

// EnvelopeCloud is the envelope of CloudEvents around each event.
const EnvelopeCloud = "cloudevents"

// How much a deployment observes itself, and pays for it.
const (
	ObserveNone   = "none"   // logs of what went wrong
	ObserveAlarms = "alarms" // a line for each batch, the metric that the alarms need, the alarms
	ObserveFull   = "full"   // the metrics of each function, and a dashboard
)

// Metrics that the functions write, in this namespace.
const (
	Namespace       = "Segue"
	MetricSweepLag  = "SweepLag" // milliseconds; dimension: stage
	MetricFailed    = "Failed"   // messages left for redelivery; dimensions: stage and function
	MetricParked    = "Parked"   // messages that nobody understands; dimensions: stage and function
	DimensionStage  = "Stage"
	DimensionSource = "Function"
)

// SweepMessage is what the schedule sends to the evaluate queue: a sweep without a generation.
const SweepMessage = `{"k":"sweep"}`

// Attributes of a row that the stack has to know.
const (
	AttributePart   = "p" // partition key
	AttributeSort   = "s" // sort key
	AttributeRev    = "r" // revision: 1 when a row is new; no attribute of the parts of a large body
	AttributeExpire = "x" // when a row may be removed, in epoch seconds
)

// Beginnings of the keys of rows of which events are made. Commits are in the partition of their instance under their
// run and number, so with a digit first; changes of a workflow are lines of its timeline.
const (
	PartInstance = "i/"
	PartWorkflow = "w/"
	SortTimeline = "t/"
)

// Outputs of the stack, for the command line.
const (
	OutputAPI        = "ApiUrl"
	OutputTable      = "TableName"
	OutputSignals    = "SignalTopicArn"
	OutputEvents     = "EventTopicArn"
	OutputDeadLetter = "DeadLetterQueueUrl"
	OutputParked     = "ParkedQueueUrl"
)
