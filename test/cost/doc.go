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
// Prices are data, with their source: shared/price/prices.json. It exits with 1 when a shape costs more than its bar.
package main
