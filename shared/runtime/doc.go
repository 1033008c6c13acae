// Package runtime is the interface of step types, and the types that need no cloud.
//
// A light runtime is a pure function: the engine calls it while it decides, and its outcome rides in
// the commit of that decision. Every other runtime leaves the process; dispatch calls it under a
// claim. All calls may be repeated after a crash: the attempt's key is the idempotency key.
// The package imports the nouns only.
package runtime
