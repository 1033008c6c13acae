// Package store is the port to the one table: items under two-part keys, with guarded writes.
//
// A write may be guarded; a guarded write either lands once or reports ErrGuard. That is all the
// engine needs, so any ordered key-value store can be an adapter: memory, embedded, DynamoDB.
// The package imports nothing of ours. What goes into one write is a decision of the engine; how
// it is compressed, split, retried and metered is the adapter's.
package store
