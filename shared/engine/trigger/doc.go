// Package trigger admits runs: start requests meet the workflow's run strategy here.
//
// The guarded write of the head is the decision, and its pending entry remembers it. Everything else
// follows from it: the first commit of the run, then the client's request item. Both orders matter. The
// request item is looked for after the head was read: a request that was admitted before that head is
// either still pending in it, or was dropped from it only after its request item was there. And the
// request item is put after the first commit: it is the proof that the run is there.
package trigger
