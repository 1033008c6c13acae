// Command cost says what orchestration costs on AWS: dollars per million leaf steps for some shapes of load, which
// calls they go to, what a start costs under each run strategy, and what a month costs in which nothing happens.
//
//	go run ./test/cost        all shapes, as make cost does
//	go run ./test/cost -quick fewer instances of each
//
// The engine runs on the memory adapters, which count what AWS would bill: write units by packed size, refused writes
// too, read units, queue requests in chunks of 64 KB. Handlers run as they do on Lambda: batches of ten, a few
// at a time, each function with a memory of its own. Calls take a quarter of the time that they take on AWS,
// so that writers race as they would, and durations are multiplied by four: that leaves each function about a
// quarter of a processor, where Lambda gives a seventh at 256 MB.
//
// Not counted: the HTTP API ($1.00 per million calls), the jobs, logs, the looks of the sweep at runs that take minutes.
//
// What holds each shape back, in dollars per million leaf steps, measured on two idle cores:
//
//	chain 0.26               the head, the request, and the one commit of an instance, a tenth of each a step: all that
//	                         is written is 0.3 units
//	diamond 0.44             three commits of an instance, which grow with its steps: 0.3 units a step
//	300 wide 0.41            commits (0.14), and those that lose to the commit of another handler (up to 0.2)
//	1 NoOp, in tens 0.75     its commit (0.62); with a request id that too (1.50); singly the head also (1.80, 2.60)
//	1 external, in tens 2.52 three commits (1.88): of the start, of the claim that keeps two handlers from calling one
//	                         job, and of the outcome. This alone is above the goal of 1.70. A start that claimed for
//	                         whoever gets its message would save one, and leave the run to the sweep if it died before
//	                         it sent that. With a request id: 0.75 more, for writing it, and for the read that no
//	                         cheaper one may replace, for it tells whether the start is a repetition (3.28)
//	1 external, singly 4.42  what tens share, each by itself: the head (1.00 a step), the wake item, the message
//	foreach, NoOp 0.66       one commit of each iteration (0.64)
//	foreach, external 1.46   two commits of each iteration (1.29), for it is begun and claimed in one
//	foreach, by callback 3.53 three commits, and a report of its own of each iteration, whose end nobody here sees coming
//
// Prices are data, with their source: shared/price/prices.json. It exits with 1 when a shape costs more than its bar.
// Time is measured, so a machine that does something else makes all shapes dearer.
package main
