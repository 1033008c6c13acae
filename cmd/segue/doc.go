// Command segue runs workflows on this machine and speaks to any Segue server. See package cli.
package main
