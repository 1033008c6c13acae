// Package world wires the engine for tests that measure it or watch it from outside: the functions on a store and on
// queues of the caller's choice, without a host around them.
//
// A World is the ports. Functions are the handlers of one environment; how many environments there are, whether the
// functions of one share a memory, and who calls Deliver when, is what the users of the package differ in. It may import
// everything that a host may. What it promises is that a message is handled as a host would: decoded, told whether it
// comes again, deleted when it was handled, and left for later when the engine asks for that.
package world
