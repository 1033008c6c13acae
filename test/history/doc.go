// Package history starts instances under each run strategy with sixteen handlers that are really concurrent,
// writes down what clients and jobs see, and checks afterwards that what they saw is possible under the strategy.
//
// The checker reads the history and nothing else: neither the head nor a run's state, so it shares no mistake with the
// engine. An event is something that somebody outside could have noted: a request was made, it was answered, a job was
// called, the call returned, a client asked how an instance ended. Their order is that of one counter.
//
// It runs on the memory store always, and on DynamoDB Local when there is one. SEGUE_HISTORY_STARTS changes how many
// instances each strategy gets there: 40, for the emulator is slow; a thorough run takes 1000. Tests of the checker
// itself give it histories that no strategy allows.
package history
