// Package lambda runs programs made for AWS Lambda on this machine: it speaks the Runtime API to them, over
// loopback, and treats their processes as the service does.
//
// It imports the standard library only, so that it knows no more of a function than Lambda does: a program,
// variables, limits.
//
// Guarantees, as AWS documents them: a process handles one event at a time; one that is still busy at the
// deadline is killed; one that ended is replaced for the next event; payloads and answers above 6 MB are
// refused, and so are events beyond the account's concurrency; an event of a lineage that went through more than 16
// invocations is dropped, unless the function allows recursion. Extensions start before their copy of the function, and
// it gets no event before they are ready; an extension that ends takes its copy with it; they are told when that ends,
// and killed 2 s later. Of their events only SHUTDOWN is delivered. Every process ends with the Service.
//
// Why processes and no calls inside this program: what is proved is what deploys, its start, its panics, its
// memory and its death included.
package lambda
