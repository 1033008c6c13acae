// Package control is the use cases on what runs: stop, kill, pause, resume, restart, skip and unblock; breakpoints and
// the permits of tags.
//
// An action is one commit of intent in the log of a run, or one guarded write of a head. Who asked, when and why is on
// the timeline of what it is about, in the same commit. After that the engine does the work, whoever asked: an action
// that is slow goes on when nobody waits for it any more. So the only answer that a caller may have to ask for again
// is CodeTimeout, and asking again is safe.
//
// Only the newest run of an instance can be acted on. A step takes one order at a time; a second one meanwhile is
// CodeConflict, except an order from the instance, which comes before those of its steps.
//
// It imports the engine (advance, decide, trigger), definition (bodies) and view (documents). It knows nothing of HTTP.
package control
