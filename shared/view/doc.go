// Package view makes the documents that people and clients read from the records that the engine keeps.
//
// Everything in it is a pure function of a run as it was loaded, the details of its attempts, and the time. What a
// record does not hold is not guessed: a field that has no value is left out.
//
// Beyond the reference's documents a step says in plain words why it waits, and a step that was not created yet has
// a document too, in which that reason is all there is to tell.
//
// It imports the nouns, param, strategy, the meter, record, decide, and the answer of trigger.
package view
