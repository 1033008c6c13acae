// Package dispatch calls the runtimes of steps: it claims attempts, calls their jobs, commits what came of
// it, and goes on with whatever follows in the same invocation.
//
// A job is called only under a claim that a commit recorded before. So a doubled hint finds the claim and
// is dropped, and a claim that expired without an outcome is one failed delivery.
package dispatch
