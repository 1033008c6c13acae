// Package record holds the items of the table: their keys and their bodies.
//
// A run is a log of commits. Commit n+1 is put once, if absent; that is the only guard of a run. The
// last commit holds the packed state of all steps, and each commit holds the details of the attempts
// that changed in it. So nothing of a run is ever updated, all of it may be cached, and the feed of
// changes is the outbox of events.
//
// A wake item asks the sweep to look at a run at a time, or at up to 25 of them that begin together. It is put before
// what it watches over, says no more than its key stands for, and may be there without need.
//
// Only this package formats or splits keys. It imports the nouns, strategy (the head) and store.
package record
