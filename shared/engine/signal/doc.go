// Package signal is the use cases of signals: announce one, bring it to the steps and triggers that wait for it, and
// keep the subscriptions of a workflow's triggers in step with its active version.
//
// It may import the loop, package board, and package trigger, by which matches become runs. It guarantees that a
// trigger consumes each signal at most once, misses none, and starts exactly one run for each match: the firing, with
// the request id of its run, is recorded by the guarded write that consumes the signals, and whoever finds a recorded
// firing starts that run. A trigger is not told which signal came: it goes through what it has not looked at, in
// order, so that messages may be lost, doubled and reordered.
package signal
