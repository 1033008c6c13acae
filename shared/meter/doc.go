// Package meter counts what AWS would bill: write units, read units, queue requests.
//
// It holds the counters and the arithmetic, nothing else, and imports only the store port and pack, so that the
// real adapters, the in-memory ones and the benchmarks can share one truth about money. Prices are
// not here: they are data of whoever prints dollars.
//
// Guarantee: counters only grow, any number of goroutines may count, and a nil *Meter counts nothing.
package meter
