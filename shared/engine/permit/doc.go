// Package permit limits how many attempts of steps with a tag execute at once.
//
// A pool is one item per tag: its limit, who holds a permit, and who waits, in the order of asking. An attempt
// needs a permit of every limited tag that it has, and takes all of them or none. Who waits for one tag does
// not hold up others at the tags that he needs besides: his ticket says at which tag he stands.
//
// Holding is recorded before the claim of the attempt, and giving back comes after the commit that ended it. A
// crash in between leaves a permit with an attempt that is over; whoever is turned away a second time looks at
// the holders and takes it from them. An attempt that was to begin and never did, because the commit that was to make
// it lost, is known by the age of its permit. So nothing leaks for longer than a look.
//
// The package is pure. It imports the nouns only.
package permit
