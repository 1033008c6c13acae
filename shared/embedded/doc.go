// Package embedded keeps the store in one folder of the local disk, for a server that needs no
// cloud and forgets nothing.
//
// It imports the store port, workflow (for errors) and github.com/cockroachdb/pebble, an ordered
// key-value store in pure Go with a write-ahead log: what an engine of ours would need and more
// than we could test as well.
//
// Guarantee: when Put answers nil, the write is on the disk (fsync) and survives kill -9 and power
// loss; a reader never sees a write that could still be lost; a write that was not answered is
// there whole or not at all. One process at a time owns the folder.
//
// Why one goroutine commits: guards must be judged in order, and an fsync costs a hundred times
// what a guard does. So writers hand their writes to the committer, which judges all that have
// arrived, writes those that hold as one batch and answers each with its own verdict. A lone
// writer never waits for company; only after a group of several does the committer wait a moment
// for as many to come back.
//
// Layout of the keys: "i" Part 0x00 Sort holds an item; "x" second item-key remembers when it
// expires; "c" number remembers which key changed, which is the feed.
package embedded
