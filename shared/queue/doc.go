// Package queue is the port to the message queues: at least once, any order, delay, visibility,
// receive count, redrive to dead letters. Messages are hints that carry keys, never state.
// Its host owns the receive loop. The package imports nothing of ours.
package queue
