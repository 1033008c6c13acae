// Package bench measures the engine on the local host: three shapes, in memory and on the embedded store
// with every commit on the disk. It measures and never judges.
//
// The body of a step is Echo, a runtime that goes through dispatch and answers at once; each outcome is
// durable before its successor starts. "light" is NoOp, whose outcomes are grouped into one commit.
package bench
