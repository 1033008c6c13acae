// Package runtime is the interface of step types, and the types that need no cloud.
//
// A light runtime is a pure function: the engine calls it while it decides, and its outcome rides in
// the commit of that decision. Every other runtime leaves the process; dispatch calls it under a
// claim. All calls may be repeated after a crash: the attempt's key is the idempotency key.
//
// A new runtime is one type and one line: implement Runtime, and add it to the registry that a program makes
// (registry.Add("Mine", mine.New(...)) in cmd/segue/cli/outside.go and shared/aws/boot/runtimes.go). Start begins the
// job under Call.UUID and returns Done; Execute looks after it and returns Continue, with Poll for when to look
// again, until it knows the outcome; Terminate ends it and returns Stopped. A type that also implements Injector gives params
// and tags to each attempt before its params are evaluated. Echo is the smallest complete one; the example of Runtime is
// one that has everything, to copy.
//
// The package imports the nouns only.
package runtime
