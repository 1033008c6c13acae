// Package handover is the runtime of steps that programs of other people do: Lambda steps call a function, Queue steps
// send a message to whoever works at the end of a queue. Both get the same Task, and answer by its token.
//
// A Lambda step is called and waited for, which is for work of a few seconds; with callback it is called and left
// alone, as a Queue step is: nothing runs and nothing is paid for until somebody with the token reports. heartbeat_seconds
// bounds how long that may take without any sign of life; without it the time-out of the step does.
//
// Guarantee: every hand-over of an attempt carries the same key, and a crash between the hand-over and its record
// repeats it, so a worker that does each key once does each attempt once. A step names a function or a queue of the
// deployment's list, and can reach nothing else: the lists are the deployment's, never the definition's.
//
// The package may import the nouns, the reader of outputs and the interface of runtimes. The cloud is behind two ports; on
// one machine their other end is Endpoints.
package handover
