// Package extension speaks Lambda's Extensions API for a program that runs beside a function: it registers, says that it
// is ready, and waits to be shut down.
//
// It imports the standard library only.
//
// Guarantee: the program is ready before Lambda hands the function its first event, because Lambda waits until each
// registered extension asks for an event; what keeps it from getting ready is reported, and ends the environment.
package extension
