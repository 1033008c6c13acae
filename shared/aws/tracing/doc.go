// Package tracing writes what an invocation does as OpenTelemetry spans that AWS X-Ray reads: one for the handler, and
// below it one for each call of the table and of a queue.
//
// It imports OpenTelemetry, aws-lambda-go and the two ports. Spans say which kind of item or which queue, how many,
// and whether it failed; never a key, a body or a param: whoever may read traces may not be one who may read workflows.
//
// Lambda runs X-Ray's daemon beside a function and takes segments by UDP on loopback, so there is no collector to
// start and nothing to wait for: a span costs a datagram, and a lost one is lost. Whether an invocation is traced at
// all is X-Ray's choice and comes with the invocation; of the others nothing is recorded. Off unless the deployment
// asks for it, for X-Ray charges for each trace.
package tracing
