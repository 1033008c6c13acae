// Package bench measures the engine on the local host: three shapes, in memory and on the embedded store
// with every commit on the disk. But for that test it measures and never judges.
//
// The body of a step is Echo, a runtime that goes through dispatch and answers at once; each outcome is
// durable before its successor starts. "light" is NoOp, whose outcomes are grouped into one commit.
//
// BenchmarkSignalStarts and BenchmarkSignalLoad announce signals to the API, one after the other and 1,000 a second.
//
// BenchmarkStarts uses the functions instead, on a store as slow as DynamoDB that throttles a hot key; a test on the
// same store holds 200 starts a second of one workflow.
package bench
