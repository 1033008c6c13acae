// Package sim runs the whole engine from one seed on a virtual clock, with faults, and checks at every
// write what the engine promises.
//
// The handlers stay plain blocking Go. Each invocation is a coroutine that pauses at every port call
// (store, queue, runtime, sleep); a seeded generator picks which one goes on, what breaks there, and
// how the time passes. Nothing else is random and nobody reads the real clock, so a seed is a whole
// history: each one runs twice, and the two traces must be equal byte for byte.
//
// A World draws its own workflow, the starts, the behaviour of the jobs and its faults from the seed.
// The Ledger sees every write as it lands, before anybody can react to it, and knows what was true at
// each moment; it shares no code with the engine's decisions but the nouns and the decoding of items.
// When the faults stop, everything has to end by itself.
//
// In a world with signals four publishers race, triggers start runs and steps wait; messages come up to ten times there.
// Its queues keep what they were given: nothing else tells a step of a signal that came while it waited.
//
// In a world with jobs that are handed over, workers do each key once and report with the token of its attempt, early, late,
// twice or never; somebody else tells of ends that he saw.
//
// In a world with events, all that happened is told at the end to a consumer that is down again and again.
//
// A fault is injected at a port, never inside the engine, so what is tested is the code that runs.
// The same holds for the teeth: a test takes one guard away at a port and expects to be told.
package sim
