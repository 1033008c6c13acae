package container

import (
	"context"
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// Job is what a backend runs, whichever step asked for it.
type Job struct {
	Key     string // names the job: one per key, ever
	Attempt workflow.AttemptKey
	Name    string
	Image   string
	Command []string // "": the image's own
	Args    []string
	Env     map[string]string

	CPU, Memory, Disk, GPU string // as Kubernetes writes quantities; "": the backend's default
	Owner                  string // an email address
	PreStop                []string
}

// Phase is where a job is.
type Phase uint8

const (
	Unknown   Phase = iota // no job of that key was ever seen
	Waiting                // it is to be started
	Working                // it runs
	Succeeded              // it ended with exit code 0
	Failed                 // it ended otherwise
	Lost                   // it ended by no doing of its own: it could not begin, or the machine under it went away
)

// Report is what a backend knows of a job.
type Report struct {
	Phase  Phase
	ID     string // of the job, as the backend calls it
	Exit   int    // exit code, once it ended
	Reason string // why it failed, for people
	Log    string // the end of what it printed: MaxLogLines lines, MaxLogBytes bytes
}

// What is kept of the log of a job.
const (
	MaxLogLines = 128
	MaxLogBytes = 10 << 10
)

// Ref names a job that was begun, or may have been.
type Ref struct {
	Key string
	ID  string        // as Start returned it; "": nobody recorded it
	Age time.Duration // of the attempt: a backend may take its time to know what it began
}

// Backend runs jobs. CodeUnavailable means: nothing is known, ask again. Any other error of Start ends the attempt:
// CodeDenied and CodeInvalid for good, the others as a failure of the platform.
type Backend interface {
	// Start begins a job, unless one of its key was begun before, and returns its id.
	Start(ctx context.Context, job Job) (id string, err error)
	// Look returns what is known of a job.
	Look(ctx context.Context, job Ref) (Report, error)
	// Stop ends a job and tells whether it has ended. It is called again until it has.
	Stop(ctx context.Context, job Ref, now time.Time) (ended bool, err error)
}
