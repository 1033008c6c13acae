// Command infra is Segue's stack on AWS, as a CDK program: cdk.json at the project's root tells the CDK command line to
// build and run it there.
//
// It imports CDK and shared/wire, nothing else of ours, and is a module of its own, so that whoever works on
// the functions neither downloads nor compiles CDK, and no function can link it by mistake.
//
// Guarantees, each with a test: every queue but the parked one has a dead-letter queue and hides a message
// at least six times as long as its function may run; no function that a queue feeds has reserved concurrency
// (throttled receives burn a message's count: the mapping limits concurrency instead); every grant names its
// actions and resources; and the template in testdata is what would be deployed. That file is also what a
// local host reads to make the same wiring elsewhere.
//
// Why one table and no keys of our own: see the store port. The encryption key is AWS's, which is free.
package main
