// Package permit limits how many attempts of steps with a tag execute at once.
//
// A pool is one item per tag: its limit, and who holds a permit. Who waits has a ticket, an item of its own beside the
// pool: waiting costs one small write, however many wait, and tickets are ordered by when their attempts became ready.
// Whoever ends hands its permit on in the write that gives it back, so that a permit never lies about while
// somebody waits for it, and nobody races for it.
//
// An attempt needs a permit of every limited tag that it has, and takes all of them or none. So who needs several is not
// given one: a place is kept free for it at the tag where it stands, and it is told to ask. Who waits for one tag does
// not hold up others at the tags that he needs besides: his ticket stands at one.
//
// Holding is recorded before the claim of the attempt, and giving back comes after the commit that ended it. A
// crash in between leaves a permit with an attempt that is over; whoever is turned away a second time looks at
// the holders and takes it from them. An attempt that was to begin and never did, because the commit that was to make
// it lost, is known by the age of its permit. So nothing leaks for longer than a look.
//
// The package is pure. It imports the nouns only.
package permit
