// Package agent keeps secrets near those that need them, and answers for them on this machine in the protocol of AWS's
// Secrets Manager Agent, so that either can take the place of the other.
//
// It imports the nouns and an LRU cache; where the secrets come from is a port: a service of the cloud
// (shared/aws), or a file.
//
// Guarantees: a value is at most five minutes old, or, while its source fails for a while, the newest that was seen;
// at most 1,000 are kept; a request that shows no token, or was forwarded by a proxy, gets nothing. No value is
// logged or put into an error.
//
// Why a token beside the loopback address: whoever can make a program on this machine fetch an address would reach
// the agent, but cannot set a header that holds the content of a file.
package agent
