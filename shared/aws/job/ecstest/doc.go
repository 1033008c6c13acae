// Package ecstest is a stand-in for ECS and CloudWatch Logs: an HTTP server that answers the calls of Segue in the
// shapes that the references of those services show (JSON 1.1, the operation in X-Amz-Target). Only tests import it.
//
// Guarantee: it is as strict as the service where Segue relies on it. A client token names one task for ever; the same
// token with another request is a ConflictException that names the task; what is unknown is a failure MISSING. It runs
// nothing: a test says when a task runs and how it ends.
package ecstest
