// Package callback takes what jobs report of their own attempts: outputs, signs of life, and how they ended.
//
// It imports the loop, decide and the tokens. rest calls it.
//
// Guarantee: one outcome of an attempt is recorded, whoever brings it first, the job or dispatch. A report for an
// attempt that is over, was followed by another, or never was, changes nothing and says so; but what follows from
// the state is then sent again, for the first report may have died before it was.
//
// Why not through a queue: the commit of an outcome is one guarded write, so the job's request can wait for it, and
// its answer is then the truth. The run proceeds in the same visit.
package callback
