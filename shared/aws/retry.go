package aws

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/smithy-go"

	"github.com/segue-workflows/segue/shared/store"
)

const (
	tries      = 10
	firstPause = 25 * time.Millisecond
	longPause  = time.Second
)

// fate says what an error means for the call that returned it.
type fate uint8

const (
	final     fate = iota // repeating it is no use
	throttled             // it was not done: do it again later
	unknown               // it may have been done
)

var throttles = retry.ThrottleErrorCode{Codes: retry.DefaultThrottleErrorCodes}

func fateOf(err error) fate {
	if errors.Is(err, store.ErrGuard) || errors.Is(err, store.ErrUnavailable) {
		return final // the call has drawn its own conclusion
	}
	if throttles.IsErrorThrottle(err).Bool() {
		return throttled
	}
	var api smithy.APIError
	if !errors.As(err, &api) {
		return unknown // no answer, or none that could be read
	}
	switch api.ErrorCode() {
	case "TransactionConflictException":
		return throttled
	case "TransactionInProgressException":
		return unknown // our own first try is still running
	}
	if api.ErrorFault() == smithy.FaultServer {
		return unknown
	}
	return final
}

// repeater repeats calls with random pauses.
type repeater struct {
	random func() uint64
}

// do calls until it is done, or not worth repeating. call gets whether an earlier try may have been
// done. The error is the last of the call (final), ErrThrottled or ErrUnavailable.
func (r repeater) do(ctx context.Context, call func(maybeDone bool) error) error {
	maybeDone := false
	for try := 0; ; try++ {
		if err := ctx.Err(); err != nil {
			return unavailable(err)
		}
		err := call(maybeDone)
		if err == nil {
			return nil
		}
		kind := fateOf(err)
		if kind == final {
			return err
		}
		maybeDone = maybeDone || kind == unknown
		if try+1 < tries && r.pause(ctx, try) == nil {
			continue
		}
		if maybeDone || ctx.Err() != nil {
			return unavailable(err)
		}
		return fmt.Errorf("%w: %w", store.ErrThrottled, err)
	}
}

// pause waits a random time that doubles with each try. It fails at once when the context would end first.
func (r repeater) pause(ctx context.Context, try int) error {
	most := min(firstPause<<try, longPause)
	d := time.Duration(r.random() % uint64(most))
	// A deadline is a time of the machine's clock, so it is compared with that one and not with an injected one.
	if end, ok := ctx.Deadline(); ok && time.Until(end) < d {
		return context.DeadlineExceeded
	}
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-timer.C:
		return nil
	}
}

func unavailable(cause error) error { return fmt.Errorf("%w: %w", store.ErrUnavailable, cause) }

// storeError makes a final error of the service one of the port.
func storeError(err error) error {
	switch {
	case err == nil, errors.Is(err, store.ErrGuard), errors.Is(err, store.ErrThrottled), errors.Is(err, store.ErrUnavailable):
		return err
	default:
		return unavailable(err)
	}
}
