// Package httpstep is the runtime of Http steps: one request a call, whose response decides what becomes of the step.
//
// Guarantee: no definition can make the process talk to an address that the deployment did not open. The host of a
// URL must be listed, exactly; and whatever a name resolves to is judged once more where the connection is made, for
// each address and each redirect, because a name may answer differently each time it is asked. Addresses that are
// not of the public internet (loopback, link-local and with it the metadata services, private, shared, multicast,
// reserved, and the forms of IPv6 that hide an IPv4 address) are refused unless they are listed as addresses
// themselves. A list of names can therefore never open the inside of a network by accident. The one exception is
// the name localhost, which stands for loopback.
//
// The step's params are Maestro's: http (url, method, headers, body), status_code and response_body, which take the
// response, and state_expr, which sees them and returns the state of the step. CONTINUE sends the same request again
// at the next poll. A request that may change something carries the attempt's uuid as Idempotency-Key, because
// any call may be repeated after a crash.
//
// It differs from the reference on purpose: all time-outs of one call together are at most Timeout, credentials in a
// URL are refused, and the artifact holds the first bytes of a body only, and no credentials.
//
// The package may import the nouns, the expressions and the interface of runtimes. net/http and net do the work; the
// judgement of addresses is ours, because it is the point.
package httpstep
