// Package schedule starts workflows at the times of their time triggers, and keeps what wakes it in step with the
// workflow: with pushes, activations, deactivations, deletion and the property that disables time triggers.
//
// Its one use case is Look, and it may be called for a workflow at any time, by anyone, any number of times: it reads
// what the workflow wants now, computes what was due since the watermark, starts it, and moves the watermark under a
// guard. So what calls it is only a hint. A lost or doubled one changes nothing: the request id of a start follows
// from the workflow, the triggers and the time, and a wake item for the next time was put before the watermark moved.
// A change of the definition puts a wake item before it is made and sends a hint after: a crash between leaves somebody
// who looks.
//
// A new list of triggers begins at the moment of the change that brought it: what was due while a workflow was inactive
// or its triggers were disabled is not caught up. What was missed because nothing ran is, as far back as CatchUp says.
//
// Wake items and the sweep are the clock of a local server. In the cloud a Timer is, outside of the engine, with wake
// items as the second net behind it.
//
// It imports the engine's loop, the trigger use case through which it starts, and shared/schedule for the times.
package schedule
