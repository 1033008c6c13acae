// Package container is the runtime of steps that run a command to its end: Kubernetes, Notebook and Container. It turns
// the params of each into the same Job, hands it to a Backend, and reads the outcome. A backend knows how to start a
// job under a key, to look at it and to stop it: package process does it on this machine, others do it in a cloud.
//
// Guarantee: a job is named by its key, which is the uuid of the attempt unless the definition gives another, and a
// backend starts at most one job per key, however often it is asked. What a job prints between the two texts that it
// finds in its environment, and only between the last such pair, is its output: params and artifacts of the step. The
// texts hold the uuid of the attempt, so that nothing a job merely passes on can be taken for its output.
//
// The package may import the nouns, the reader of definitions and the interface of runtimes; no backend.
package container
