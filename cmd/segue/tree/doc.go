// Package tree shows a run as people want to see it: its steps in the order of the graph, branches indented,
// each with its status, how long it took and why it waits.
//
// Build makes a View of what the API answers and is pure; Painter draws it; Watcher shows a run until it has ended:
// moving on a terminal, one line for each change elsewhere. It imports the client and the nouns, and lipgloss for
// colours, which knows what terminals can show and honours NO_COLOR.
package tree
