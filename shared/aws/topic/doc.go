// Package topic publishes events to a topic of SNS.
//
// It imports the events and the client of SNS; only shared/aws/boot makes one.
//
// Guarantee: events are taken in their order, and the error of a call says how many of the first were. Each message
// carries its type and its workflow as attributes, so that a subscriber's filter policy can choose. On a FIFO topic
// (SNS knows it by its name) the group is the entity and the deduplication id is the event's, so a subscriber gets
// the events of an entity in order, and one that is published again within five minutes once.
//
// Why a batch on a FIFO topic holds an entity once: SNS may take a later message of a batch and refuse an earlier one.
package topic
