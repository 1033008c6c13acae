// Package tree shows a run as people want to see it: its steps in the order of the graph, branches indented,
// each with its status, how long it took and why it waits.
//
// View is made by a pure function of what the API answers; Text draws it. Live shows a run until it has ended:
// moving on a terminal, one line for each change elsewhere. It imports the client and the nouns.
package tree
