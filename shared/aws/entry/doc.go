// Package entry is the edge between Lambda and the use cases: it turns events into hints and requests, and
// what came of them into answers that Lambda understands.
//
// It imports the engine's hints, the queue port, the nouns, the meter and the event types of
// aws-lambda-go; no use case and no client of AWS. functions/ wires it to those.
//
// Guarantees:
//
//   - An answer to a batch names exactly the messages that must come again. One bad message never fails
//     the batch, and neither does a panic.
//   - A message that nobody understands is parked before it is acknowledged.
//   - A dead letter is looked up and never believed: what follows from the state as it is now is sent once
//     more, and nothing else.
//   - An event that says that a task has ended is not believed either: the task is looked up, and its runtime asked.
//   - A caller is who API Gateway says he is. A user header may repeat that, and nothing more.
//   - Log lines hold keys and codes, no payloads.
//
// Why the policy is one table here (see policy.go): whether a message comes again is the one decision that a use
// case must not take, because it does not know the queue; and a policy in one place can be read in one.
package entry
