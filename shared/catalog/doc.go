// Package catalog holds the use cases on definitions: push, validate, activate, delete, and what belongs to
// a workflow rather than to a version: properties, their tags, overview and timeline.
//
// Guarantee: a number that the head names always has its item. Versions and snapshots of properties are put
// absent BEFORE the head names them, so a crash between two writes leaves an item that nobody speaks of, and
// never a version that cannot be read or started. The guarded write of the head is the decision; what was not
// decided was never true.
//
// Snapshots have numbers that nobody sees: one that lost its race stays behind, and the next takes the next
// free number. Versions count 1, 2, 3 without gaps, so a version that was staged by a push which died is
// adopted by the next push, with the properties and the activation that it came with; that is why its item
// carries both. A push that was answered with an error other than 4xx may therefore still take effect, once,
// when somebody pushes again. One line of the workflow's timeline can be lost in a crash; nothing else can.
//
// Keys are immutable for ever. Deleting a workflow only marks its head: when it is created again, instance ids
// and version numbers go on where they were (the reference goes on with instance ids only), and what belonged
// to the former life is not found any more. The internal id is 10000 plus the number of former lives: it
// follows from the head alone and needs no counter that all workflows would share. Request ids are for ever too:
// one that started an instance in a former life starts nothing in a later one.
//
// It imports the nouns, param for the dry run, strategy, record, the engine's loop and the store port.
package catalog
