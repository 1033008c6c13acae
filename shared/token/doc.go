// Package token makes and checks what a job shows when it calls back: the proof that it was called for one attempt
// of one step.
//
// It imports the nouns, the store port and the engine's keys.
//
// Guarantee: a token that Parse accepts was made by Sign of the same deployment, for exactly the attempt that it
// returns. Whether that attempt is still the current one the engine decides: a token dies with its attempt, although
// nobody keeps a list of tokens.
//
// Why the key is an item of the table: a deployment then has one wherever it runs, no two functions can differ in it,
// and it costs neither a service nor a secret to look after. Whoever can write the table can change every run anyway;
// whoever can only read it could forge callbacks, so reading the table is for the engine alone.
package token
