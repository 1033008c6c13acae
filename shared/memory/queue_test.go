package memory

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"testing/synctest"
	"time"

	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/queue"
)

func send(t testing.TB, q *Queue, delay time.Duration, bodies ...string) {
	t.Helper()
	for _, b := range bodies {
		if err := q.Send(background, "work", queue.Message{Body: []byte(b), Delay: delay}); err != nil {
			t.Fatal(err)
		}
	}
}

func TestBlockedReceiveWakesAtTheVeryMoment(t *testing.T) {
	for _, tt := range []struct {
		name string
		want time.Duration // of waiting
		do   func(t *testing.T, q *Queue)
	}{
		{"message sent", 3 * time.Second, func(t *testing.T, q *Queue) {
			<-time.After(3 * time.Second) // the bubble's time
			send(t, q, 0, "m")
		}},
		{"delay over", 7 * time.Second, func(t *testing.T, q *Queue) { send(t, q, 7*time.Second, "m") }},
		{"shorter delay overtakes", 2 * time.Second, func(t *testing.T, q *Queue) {
			send(t, q, 9*time.Second, "late")
			synctest.Wait()
			send(t, q, 2*time.Second, "early")
		}},
		{"visibility over", 30 * time.Second, func(t *testing.T, q *Queue) {}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				q := NewQueue(time.Now, QueueConfig{Name: "work", Visibility: 30 * time.Second})
				begin := time.Now()
				if tt.name == "visibility over" {
					send(t, q, 0, "m")
					if got, err := q.Receive(background, "work", 1, 0); err != nil || len(got) != 1 {
						t.Fatal(got, err)
					}
				}
				go tt.do(t, q)
				got, err := q.Receive(background, "work", 1, time.Minute)
				if err != nil || len(got) != 1 || time.Since(begin) != tt.want {
					t.Errorf("%d deliveries, %v after %v, want one after %v", len(got), err, time.Since(begin), tt.want)
				}
			})
		})
	}
}

func TestBlockedReceiveEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(time.Now, QueueConfig{Name: "work"})
		begin := time.Now()
		if got, err := q.Receive(background, "work", 1, 20*time.Second); err != nil || len(got) != 0 || time.Since(begin) != 20*time.Second {
			t.Errorf("%d deliveries, %v after %v", len(got), err, time.Since(begin))
		}
		ctx, cancel := context.WithTimeout(background, 5*time.Second)
		defer cancel()
		if _, err := q.Receive(ctx, "work", 1, time.Hour); !errors.Is(err, queue.ErrUnavailable) || !errors.Is(err, context.DeadlineExceeded) {
			t.Errorf("got %v", err)
		}
	})
}

func TestEachMessageGoesToOneOfManyReceivers(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue(time.Now, QueueConfig{Name: "work", Visibility: time.Hour})
		got := make(chan int)
		for range 8 {
			go func() {
				ds, err := q.Receive(background, "work", 3, time.Minute)
				if err != nil {
					t.Error(err)
				}
				got <- len(ds)
			}()
		}
		synctest.Wait()
		for i := range 10 {
			send(t, q, 0, fmt.Sprint(i))
		}
		sum := 0
		for range 8 {
			sum += <-got
		}
		if sum > 10 || sum < 8 {
			t.Errorf("%d messages were delivered to eight receivers", sum)
		}
	})
}

func TestVirtualClockAdvancesToTheNextMessage(t *testing.T) {
	now := time.Unix(1_000, 0)
	q := NewQueue(func() time.Time { return now }, QueueConfig{Name: "work", Visibility: time.Minute, MaxReceives: 2, DeadLetter: "dead"})
	if _, ok := q.NextVisible(); ok {
		t.Error("empty queues have a next message")
	}
	send(t, q, 40*time.Second, "b")
	send(t, q, 10*time.Second, "a")
	order := ""
	for {
		next, ok := q.NextVisible("work")
		if !ok {
			break
		}
		now = next
		got, err := q.Receive(background, "work", 10, 0)
		if err != nil {
			t.Fatal(err)
		}
		for _, d := range got {
			order += fmt.Sprintf("%s%d@%d ", d.Body, d.Receives, now.Unix()-1_000)
		}
	}
	if want := "a1@10 b1@40 a2@70 b2@100 "; order != want {
		t.Errorf("deliveries %q, want %q", order, want)
	}
	if visible, hidden := q.Len("dead"); visible != 2 || hidden != 0 {
		t.Errorf("%d and %d dead letters", visible, hidden)
	}
	if names := fmt.Sprint(q.Names()); names != "[dead work]" {
		t.Errorf("queues %s", names)
	}
}

func TestQueueRequestsAreCounted(t *testing.T) {
	q, m := NewQueue(time.Now, QueueConfig{Name: "work"}), &meter.Meter{}
	q.Count(m)
	send(t, q, 0, "small", string(make([]byte, 65<<10)))
	got, err := q.Receive(background, "work", 10, 0)
	if err != nil || len(got) != 2 {
		t.Fatal(len(got), err)
	}
	receipts := make([]string, 11)
	if err := q.Delete(background, "work", receipts...); err != nil {
		t.Fatal(err)
	}
	if n := m.Snapshot().QueueRequests; n != 1+2+2+2 {
		t.Errorf("%d requests", n)
	}
}

func BenchmarkSendReceiveDelete(b *testing.B) {
	q := NewQueue(time.Now, QueueConfig{Name: "work"})
	body := make([]byte, 150)
	for b.Loop() {
		if err := q.Send(background, "work", queue.Message{Body: body}); err != nil {
			b.Fatal(err)
		}
		got, err := q.Receive(background, "work", 10, 0)
		if err != nil || len(got) != 1 {
			b.Fatal(err)
		}
		if err := q.Delete(background, "work", got[0].Receipt); err != nil {
			b.Fatal(err)
		}
	}
}
