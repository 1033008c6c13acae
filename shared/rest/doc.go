// Package rest is the HTTP edge: the REST API of the reference under /api/v3, in its shapes, status codes and errors.
//
// It parses, calls one use case and writes one document; rules live in the packages that it calls: definition
// (bodies), catalog (workflows), trigger (starts), view (documents). The table in route.go is the whole API on one
// page.
//
// Every answer is JSON. A body is read up to workflow.MaxRequestBytes and refused above it before it is parsed;
// a fault of the user is one 400 that lists everything that is wrong, and then nothing was stored. What is not his
// fault is told with a fixed text, and logged with the cause.
//
// Who the caller is, the host says (Deps.User): a local server trusts the user header, another may verify a token.
package rest
