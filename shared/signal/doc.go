// Package signal says what signals are and which of them match: values and their order-preserving text, conditions
// on params, the shapes by which signals are indexed, and how the signals of a trigger are joined.
//
// It is pure and imports the nouns only. It guarantees that the text of values sorts as the values do, so that an
// index can answer any condition by one range of keys, and that values of different types never match.
package signal
