// Package board keeps announced signals: the log of each name, what makes announcing idempotent, the indexes by
// which conditions find signals without reading the log, and who wants to hear of which.
//
// It imports the store port, the nouns and package signal, and decides nothing about runs or triggers.
//
// It guarantees: the numbers of a name have no gaps, and one identity is in the log once, ever; when a signal can be
// read at all, every older one of its name is in every index, so whoever goes through an index in order misses none;
// whoever subscribes first and then looks, and whoever announces first and then looks for subscribers, cannot both
// miss the other. The signal item at the next number, written where there is none, is the decision; everything else
// follows from it and may be written again by anyone. That needs no transaction.
package board
