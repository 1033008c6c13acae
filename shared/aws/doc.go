// Package aws keeps the store in one DynamoDB table and the queues in SQS.
//
// It imports the ports, pack, meter and the AWS SDK; nothing of the engine. The table has a
// partition key p, a sort key s and no index; the attributes of an item are r (revision), t (write
// token), b (packed body), n (number of parts of a large body) and x (expiry, the table's TTL).
//
// Guarantees, beyond those of the ports:
//
//   - A lost answer is asked for again. Every put carries a token of its own; when the guard of the
//     repeated put fails on an item with that token, the first try had landed. Where others have
//     written on since, so that nobody can know, Put says ErrUnavailable and never ErrGuard.
//   - A body that packs to more than 350 KB is written as parts first, under keys that carry the
//     token, and then referenced by the one guarded item. So a reader sees all of it or none, and
//     the loser of a guard removes the parts that nobody will ever reference. Parts live in a
//     partition of their own, so lists neither see nor pay for them.
//   - Throttled calls are repeated after a random pause until the context ends or ten tries failed.
//
// Known gaps: parts of a replaced body stay behind when the handler dies right after it replaced
// the item, when the answer to that was lost, and when PutAll replaces a large body. They are never
// read, and cost their storage.
//
// Why the retries are ours: the SDK repeats a throttled call but not a cancelled transaction, and
// it cannot tell a lost answer from a failed guard.
package aws
