// Package param turns the params of a definition into the evaluated params of a run: layers, merge rules,
// modes, interpolation, expressions. It also answers every other text of a definition that refers to params:
// conditions, time-outs, retry policies, signal params, emails.
//
// It imports only the nouns and package expression, and it is pure: the time is an argument, and unique ids,
// random numbers and whatever lies outside the run come in through Runtime and Upstream. The same input gives
// the same params, whatever the order of Go's maps.
//
// Two steps, never mixed. Merging lays definitions over definitions: built-ins, deployment, definition, run,
// restart; only here modes count. Evaluating then gives each merged param a result, once, after those that it
// refers to. Built-in params are expressions like any other, so that a run param which replaces
// TARGET_RUN_DATE moves all dates that depend on it.
//
// Kept as Maestro has it, because definitions rely on it: in a step, a workflow param hides the step's own
// param of the same name until that one is evaluated, so the order of step params matters; ids of instance and
// run are "" while workflow params are evaluated. In entries of a MAP, outer names come first and then the
// entry's siblings. Made better: durations follow a strict grammar, && and || stop early, and results that are
// handed down or restarted are not interpolated a second time. Runtime.Compat brings Maestro's ways back, but
// for the last. Validators run where Runtime.Validators says so; those that begin with @ are annotations for
// other tools.
package param
