// Package memory keeps the store and the queues in memory: for tests, for the simulator and for a
// local server that may forget.
//
// It imports the ports and the meter. It has no clock of its own: time is what the now function
// says, so a virtual clock makes it deterministic. Store and Queue keep the whole contract of their
// ports (test/contract runs the same suite against them as against DynamoDB and SQS); they are just
// stricter where a port leaves freedom: an expired item is gone at its second, messages of one
// queue come in the order in which they became visible.
//
// Why a sorted slice for each partition rather than a tree: nearly every write of the engine
// appends at the end of its partition, where a slice is the fastest there is; an insert in
// the middle moves eight bytes an item.
package memory
