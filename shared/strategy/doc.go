// Package strategy decides which runs of a workflow may execute together.
//
// Admit and Release are pure: they take the workflow's head as it was read and change a copy of it.
// Putting that copy back under a guard is the decision; everything else follows from what it says.
// A pending entry is a start whose first commit nobody has verified yet; it holds its place in
// Running or Queued from the moment of the decision, so no interleaving admits two where one is
// allowed. The package imports the nouns only.
package strategy
