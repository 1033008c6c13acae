package queue_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-workflows/segue/shared/queue"
)

// calls keeps what it is sent, and refuses bodies that say so.
type calls struct {
	mu   sync.Mutex
	sent [][]string
}

func (c *calls) Send(_ context.Context, name string, messages ...queue.Message) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	var bodies []string
	refused := &queue.SendError{Cause: queue.ErrUnavailable}
	for i, m := range messages {
		bodies = append(bodies, string(m.Body))
		if string(m.Body) == "refuse" {
			refused.Failed = append(refused.Failed, i)
		}
	}
	c.sent = append(c.sent, append([]string{name}, bodies...))
	if len(refused.Failed) > 0 {
		return refused
	}
	return nil
}

func sleep(ctx context.Context, d time.Duration) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(d):
		return nil
	}
}

func joined(c *calls) *queue.Joined {
	return &queue.Joined{To: c, Queues: []string{"slow"}, Wait: 5 * time.Millisecond, Sleep: sleep}
}

func TestWhatIsSentAtOnceIsOneCall(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{}
		j := joined(c)
		began := time.Now()
		var sending sync.WaitGroup
		for i := range 23 {
			sending.Go(func() {
				if err := j.Send(t.Context(), "slow", queue.Message{Body: fmt.Appendf(nil, "%d", i)}); err != nil {
					t.Error(err)
				}
			})
		}
		sending.Wait()
		total := 0
		for _, call := range c.sent {
			total += len(call) - 1
		}
		if len(c.sent) != 3 || total != 23 {
			t.Errorf("%d messages in %d calls: %v", total, len(c.sent), c.sent)
		}
		if waited := time.Since(began); waited != 5*time.Millisecond {
			t.Errorf("they took %s", waited)
		}
	})
}

func TestOtherQueuesAndFullCallsDoNotWait(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{}
		j := joined(c)
		began := time.Now()
		if err := j.Send(t.Context(), "quick", queue.Message{Body: []byte("a")}); err != nil {
			t.Error(err)
		}
		if err := j.Send(t.Context(), "slow", slices.Repeat([]queue.Message{{Body: []byte("b")}}, queue.MaxBatch)...); err != nil {
			t.Error(err)
		}
		if waited := time.Since(began); waited != 0 || len(c.sent) != 2 {
			t.Errorf("%d calls after %s", len(c.sent), waited)
		}
	})
}

func TestEachSendAnswersForItsOwnMessages(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{}
		j := joined(c)
		var sending sync.WaitGroup
		sending.Go(func() {
			if err := j.Send(t.Context(), "slow", queue.Message{Body: []byte("a")}); err != nil {
				t.Error(err)
			}
		})
		sending.Go(func() {
			err := j.Send(t.Context(), "slow", queue.Message{Body: []byte("b")}, queue.Message{Body: []byte("refuse")})
			var refused *queue.SendError
			if !errors.As(err, &refused) || !slices.Equal(refused.Failed, []int{1}) || !errors.Is(err, queue.ErrUnavailable) {
				t.Errorf("%v", err)
			}
		})
		sending.Wait()
		if len(c.sent) != 1 {
			t.Errorf("%v", c.sent)
		}
	})
}

// TestMergedMessagesAnswerForThoseThatTheySay: a call carries what Merge makes of its messages, and each sender hears of
// the one that says its own.
func TestMergedMessagesAnswerForThoseThatTheySay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{}
		j := joined(c)
		j.Merge = func(messages []queue.Message) (merged []queue.Message, into []int) {
			for _, m := range messages {
				i := slices.IndexFunc(merged, func(other queue.Message) bool { return string(other.Body) == string(m.Body) })
				if i < 0 {
					i, merged = len(merged), append(merged, m)
				}
				into = append(into, i)
			}
			return merged, into
		}
		var sending sync.WaitGroup
		for range 3 {
			sending.Go(func() {
				if err := j.Send(t.Context(), "slow", queue.Message{Body: []byte("a")}); err != nil {
					t.Error(err)
				}
			})
			sending.Go(func() {
				err := j.Send(t.Context(), "slow", queue.Message{Body: []byte("a")}, queue.Message{Body: []byte("refuse")})
				var refused *queue.SendError
				if !errors.As(err, &refused) || !slices.Equal(refused.Failed, []int{1}) {
					t.Errorf("%v", err)
				}
			})
		}
		sending.Wait()
		if len(c.sent) != 1 || len(c.sent[0]) != 3 {
			t.Errorf("%v", c.sent)
		}
	})
}

func TestWhoseTimeIsUpWaitsNoLonger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		c := &calls{}
		j := joined(c)
		ctx, cancel := context.WithTimeout(t.Context(), time.Millisecond)
		defer cancel()
		var sending sync.WaitGroup
		sending.Go(func() {
			if err := j.Send(t.Context(), "slow", queue.Message{Body: []byte("a")}); err != nil {
				t.Error(err)
			}
		})
		synctest.Wait()
		if err := j.Send(ctx, "slow", queue.Message{Body: []byte("b")}); !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("%v", err)
		}
		sending.Wait()
	})
}
