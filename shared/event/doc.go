// Package event tells other systems what happened: status changes of runs and steps, and changes of workflows. It makes
// the reference's external events from the feed of the store's changes, so an event never comes before what it tells
// of is durable, and hands them to a Publisher.
//
// Guarantee: each event at least once, and those of one entity in their order; sequence grows within an entity, so a
// consumer can drop what it has seen. The place in the feed is kept in the store after the publisher took everything
// before it: a consumer that is down, or a process that dies, delays events and loses none, as long as the feed keeps
// its changes. The sequence of a run or a step is the number of its commit; that of a workflow counts its changes
// without a gap, over all its lives.
//
// The events are JSON with a type, the entity's keys, and times in epoch milliseconds: event_time is when it happened,
// send_time when it was sent. Schema describes those of each type, and `segue events schema` prints it. As CloudEvents
// they are the data of an envelope of version 1.0. A webhook is named by the operator of the server, never by a user,
// and each of its requests is signed.
//
// It imports the nouns, the engine's records and its loop, and the ports of the store.
package event
