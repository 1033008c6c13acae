package runtime

import (
	"time"

	"github.com/segue-workflows/segue/shared/workflow"
)

// DefaultSleep is how long a Sleep step without sleep_seconds sleeps.
const DefaultSleep = 3 * time.Second

// Sleep is done when more than sleep_seconds (LONG) have passed since the attempt entered STARTING.
type Sleep struct{}

// Execute returns Continue, and when to look again, until the time has passed.
func (Sleep) Execute(call Call) Result {
	d := DefaultSleep
	if p, ok := call.Params.Get("sleep_seconds"); ok {
		seconds, isLong := p.Result.(int64)
		if !isLong || seconds < 0 || seconds > int64(workflow.MaxTimeout/time.Second) {
			return Result{State: FatalError, Timeline: []workflow.Event{
				workflow.LogEvent(call.Now.UnixMilli(), "sleep_seconds must be a LONG from 0 to 120 days")}}
		}
		d = time.Duration(seconds) * time.Second
	}
	// Times are kept in milliseconds: strictly more than d means at least one of them later.
	if left := call.Started.Add(d + time.Millisecond).Sub(call.Now); left > 0 {
		return Result{State: Continue, Poll: left}
	}
	return Result{State: Done}
}
