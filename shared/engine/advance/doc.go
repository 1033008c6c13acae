// Package advance is the loop in which the engine's handlers meet: load, decide, commit, act.
//
// Whoever admits a run evaluates it; whoever commits a root's end gives its place to the next. The use
// cases trigger, evaluate, dispatch and rollup call this package and never each other.
//
// A commit is put absent, so of two handlers that decided on the same state one lands and the other
// decides again on the newer one. Before a commit that leaves work in our own hands there is a wake
// item, so that a crash after it is noticed; after it follow the hints. A message that is delivered once
// more repeats all sends that follow from the state as it is: its first delivery may have crashed right
// before them. One that is delivered for the first time does not, or hints would breed hints.
//
// What never changes is remembered by the process that read or put it, within bounds of memory, and not read again:
// commits, headers, versions, and that a request item is there. What may change is either read for every decision, or
// tells only which of two right ways is cheaper.
//
// It imports the nouns, the pure packages, record, hint and the ports.
package advance
