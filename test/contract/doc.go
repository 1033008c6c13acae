// Package contract holds what every adapter of a port must do, as suites that run unchanged against
// all of them: memory, embedded, DynamoDB Local, LocalStack.
//
// Store and Queue are the suites; a subject says what the adapter under test needs to be told. A
// behaviour that the engine relies on and that no suite here shows is a gap: add it here before
// you rely on it. The package may import everything, and only tests import it.
//
// Why one suite rather than tests beside each adapter: the engine is proved by simulation on the
// memory adapters, so these must not be kinder than the table and the queues of the cloud.
package contract
