// Package price turns what was counted into dollars.
//
// The prices are data with their source, prices.json, so that whoever pays others changes a file. It imports the
// meter only; whoever prints dollars imports it.
package price
