// Package wire holds the names by which the stack and the functions know each other: environment
// variables, functions, queues, metrics, the outputs of the stack, and the plan of containers, which both read.
//
// It imports nothing, not even the standard library, because infra is a module of its own that imports
// only this package: so a name is written once, and the cloud's libraries of either side stay out of the
// other.
package wire
