// Package client speaks the REST API of any Segue server: a local one, one in the cloud, or one in the same
// process. It knows of the answers what the commands show, and keeps the rest as it came.
//
// It imports the nouns only. A call fails with a *Refused when the server said no, and with an *Unreachable
// when there was no answer.
package client
