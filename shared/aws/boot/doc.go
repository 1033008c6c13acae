// Package boot makes the engine of a Lambda function out of its environment variables.
//
// It imports the adapters, the engine's loop, entry and wire; only functions/ imports it. It is the one place
// on the AWS side that reads the clock, the environment and random numbers.
//
// Guarantee: nothing here calls the network. Credentials and region come from the variables that Lambda
// sets, so nothing is looked for at the instance's metadata address, and the first connection is made by the
// first message. A missing variable is an error that names it, before the first message is taken.
//
// Why it does not load the SDK's shared configuration: that searches files, profiles and roles which a function
// does not have, and its code is a third of the size of a small program.
package boot
