// Package cli is the segue command: each command in a file of its own.
//
// Commands speak the REST API through the client, so they work against any server; only dev and run have an
// engine in their own process. Output for people goes through tree on a terminal and is plain lines elsewhere;
// --json prints what programs want. It imports everything and is imported by main and by the tests that run
// scripts.
//
// It depends on github.com/spf13/cobra for commands, help and shell completion, and on x/term to know a terminal.
package cli
