// Package sel compiles and evaluates SEL, the Java-like expression language of Netflix Maestro, so
// that definitions written for it run unchanged. The text goes through sel/ast (lexer, parser, tree);
// this package gives the tree its meaning; sel/java and sel/joda know what the Java library and
// Joda-Time do to text, numbers and dates. It imports these three and shared/workflow for the codes
// of errors.
//
// Guarantee: a program reaches its Env and nothing else. There is no reflection, no I/O (but for the
// zone database, see sel/joda), no clock and no randomness that the caller did not hand in; the same
// Env gives the same value. Every program ends: with a value, or with an *Error, in the time and
// memory of its Limits, whatever its text is. A program changes copies of the params only.
//
// # Params
//
// A name that is neither a local nor a class is a param. Refs lists the names that a caller must be
// able to answer; Lookup is asked for these only. A name that is first declared or assigned is a
// local and is never looked up, even when a param has the same name.
//
// # Two quirks and Compat
//
// The reference evaluates both sides of && and || always, and fails when either is no BOOLEAN. Here
// they stop early, as in Java. The reference also lets scalars share one box: after int y = x, or
// m.put("k", x), a later x += 1 changes y and the map, and int z = 0 in a loop finds what the last
// iteration left in the literal. Here a scalar is a value; arrays and maps share in either case.
// Env.Compat brings both quirks back.
//
// # Differences to the reference
//
// Of the 303 expressions that were run on the reference, all but these have the same value or fail
// in both, with Compat; Compat matters for 6 of them.
//
//	expression           reference   here   reason
//	return 1             error       1      Compile appends the missing semicolon itself
//	d=1; return d;       error       1      the param d is no ref of the program, so it is not looked up;
//	                                        the reference was given it all the same, and it is a DOUBLE
//
// Further differences, none of which the corpus shows: a null in an array of strings becomes "" in
// the result, as []string has no null; arrays and maps print their elements where the reference
// prints an address; Integer.intValue refuses what does not fit instead of cutting bits off; the
// duration of a Util.timeout method must be wholly readable; String.format has no date conversions;
// sel/java lists what its regular expressions lack. Maps print in the order of insertion.
//
// # Why a tree walker
//
// Programs are short and run once or a few times, so there is nothing for a compiler to win: one line
// takes about a microsecond. A walk has one place where a step is counted, which is what bounds it.
// Work that grows with text counts as steps as well, so that one call cannot hide a long loop.
package sel
