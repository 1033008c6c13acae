// Package job does on AWS what steps ask for: it calls functions of Lambda, sends tasks to queues of SQS, and runs
// containers on ECS.
//
// It imports the runtimes whose ports it implements, the adapter of the queues, and the AWS SDK.
//
// Guarantee: only what the deployment lists is called, whatever a definition says. The role of the function that runs
// this has the same list; checking it here too gives an error that says what to do, and protects where the role is an
// emulator's. The SDK repeats none of the calls that begin something: the engine repeats them, under the same key.
package job
