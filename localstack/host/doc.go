// Package host is a stack of CloudFormation on this machine: tables, queues and topics in an emulator, functions as
// processes, and what AWS does between them: event source mappings, schedules, the HTTP API.
//
// It reads the very template that is deployed, so that its wiring is what is tested: names of variables,
// time limits, visibility, redrive, batch sizes, concurrency. It imports the clients of AWS and its own two
// packages, template and lambda; nothing of the engine.
//
// Guarantees: a type of resource that it can neither make nor safely leave out is an error that names it, and so is a
// property that it does not know. Messages are handled at least once, deleted only when the function's answer
// does not list them, and come again when their visibility ends.
//
// Why it polls and fires by itself: LocalStack's own Lambda needs Docker, its Scheduler never fires, and its
// open edition has no HTTP API.
package host
