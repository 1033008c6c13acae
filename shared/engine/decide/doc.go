// Package decide is the engine's judgement: (state, input, now) -> next state, with no clock, no
// store and no queue.
//
// A Turn takes a run as it was loaded, applies what happened (outcomes, expired claims, time-outs),
// lets everything proceed that can, and ends as a commit. Nothing it does is visible until that
// commit is put, so a turn that loses the race is thrown away and made anew on the newer state.
// What it reads beside the state (details of earlier commits) never changes, so a decision is a
// function of its inputs although it loads them late.
//
// It imports the nouns, dag, param, runtime and record.
package decide
