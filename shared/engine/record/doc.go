// Package record holds the items of the table: their keys and their bodies.
//
// A run is a log of commits. Commit n+1 is put once, if absent; that is the only guard of a run. The
// last commit holds the packed state of all steps, and each commit holds the details of the attempts
// that changed in it. So nothing of a run is ever updated, all of it may be cached, and the feed of
// changes is the outbox of events.
//
// Only this package formats or splits keys. It imports the nouns, strategy (the head) and store.
package record
