// Package local is the home of the engine on one machine: it owns what Lambda and SQS own in the cloud.
//
// It wires a store (a folder, or memory), queues in memory, the engine's loop, the four handlers and the
// REST API, and runs the receive loops: batches of ten, deadlines, partial failures, dead letters, the
// sweep. The use cases do not know where they run. It imports the engine, the adapters memory and
// embedded, and rest; only cmd/segue and tests import it.
//
// Guarantee: whatever was answered goes on after kill -9, power loss or a long pause. The queues are lost
// with the process, and that is harmless: a message only says "look there", and for every run with work
// left there is a wake item in the store. A start sends all of them once more (see recovery), and the sweep
// goes on from there.
//
// Why queues in memory beside a store on the disk: a queue on the disk would pay an fsync for each message
// and save nothing that wake items do not save already.
//
// Why one receiver for each queue that begins invocations, rather than many pollers: an invocation that
// waits for a job then holds up nothing but itself, and many invocations at once share the fsyncs of the
// store, which commits what arrives together in one.
package local
