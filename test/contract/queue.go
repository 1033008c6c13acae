package contract

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/segue-workflows/segue/shared/queue"
)

// QueueSubject is a fresh, empty queue under test.
type QueueSubject struct {
	Queue       queue.Queue
	Name        string        // of a queue that moves a message on after 3 receives
	DeadLetters string        // where to
	Visibility  time.Duration // of the queue: whole seconds, as short as can be
	Pass        func(d time.Duration)

	// AnyReceiptDeletes is true for a queue that deletes by receipts of earlier deliveries too, which
	// SQS says may happen: the engine must not rely on it, and a memory queue must not be kinder.
	AnyReceiptDeletes bool
}

// Queue runs the suite of the queue port. open returns a fresh subject for each test of the suite.
func Queue(t *testing.T, open func(t *testing.T) QueueSubject) {
	for _, test := range []struct {
		name string
		run  func(*testing.T, QueueSubject)
	}{
		{"DeliversWhatWasSent", delivers},
		{"ReceiveTakesNoMoreThanAsked", receiveLimit},
		{"ReceiveWakesUp", receiveWakes},
		{"EmptyReceiveComesBack", receiveEmpty},
		{"DelayHides", delayHides},
		{"DeliveryHidesAndCounts", visibility},
		{"DeletedIsGone", deleted},
		{"OldReceiptDeletesNothing", oldReceipt},
		{"HideMovesVisibility", hide},
		{"BadMessageFailsAlone", partialFailure},
		{"MalformedCallsAreRefused", malformedSend},
		{"RedriveToDeadLetters", redrive},
		{"UnknownQueue", unknownQueue},
	} {
		t.Run(test.name, func(t *testing.T) {
			t.Parallel() // a service makes its tests wait
			test.run(t, open(t))
		})
	}
}

func texts(bodies ...string) (messages []queue.Message) {
	for _, b := range bodies {
		messages = append(messages, queue.Message{Body: []byte(b)})
	}
	return messages
}

func mustSend(t *testing.T, s QueueSubject, messages ...queue.Message) {
	t.Helper()
	if err := s.Queue.Send(background, s.Name, messages...); err != nil {
		t.Fatal(err)
	}
}

// receive collects n deliveries, in as many receives as it takes within reason.
func receive(t *testing.T, s QueueSubject, name string, n int) (all []queue.Delivery) {
	t.Helper()
	for tries := 0; len(all) < n && tries < 5; tries++ {
		got, err := s.Queue.Receive(background, name, queue.MaxBatch, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, got...)
	}
	if len(all) != n {
		t.Fatalf("%d deliveries, want %d", len(all), n)
	}
	return all
}

func wantNothing(t *testing.T, s QueueSubject, name string) {
	t.Helper()
	got, err := s.Queue.Receive(background, name, queue.MaxBatch, 0)
	if err != nil || len(got) != 0 {
		t.Fatalf("%d deliveries, %v; want none", len(got), err)
	}
}

func bodiesOf(ds []queue.Delivery) (bodies []string) {
	for _, d := range ds {
		bodies = append(bodies, string(d.Body))
	}
	slices.Sort(bodies)
	return bodies
}

func delivers(t *testing.T, s QueueSubject) {
	long := strings.Repeat("語", 20_000)
	mustSend(t, s, texts("one", `{"k":"v"}`, "tab\tand\nline", long)...)
	got := receive(t, s, s.Name, 4)
	if want := []string{"one", "tab\tand\nline", `{"k":"v"}`, long}; !slices.Equal(bodiesOf(got), want) {
		t.Errorf("got %.80q", bodiesOf(got))
	}
	ids := map[string]bool{}
	for _, d := range got {
		if d.Receives != 1 || d.Receipt == "" || d.ID == "" || d.Sent.IsZero() || ids[d.ID] {
			t.Errorf("delivery %s: %d receives, sent %v", d.ID, d.Receives, d.Sent)
		}
		ids[d.ID] = true
	}
}

func receiveLimit(t *testing.T, s QueueSubject) {
	mustSend(t, s, texts("1", "2", "3", "4", "5", "6", "7", "8", "9", "10")...)
	mustSend(t, s, texts("11")...)
	seen := map[string]bool{}
	for tries := 0; len(seen) < 11 && tries < 30; tries++ {
		limit := 1 + tries%3
		got, err := s.Queue.Receive(background, s.Name, limit, time.Second)
		if err != nil || len(got) > limit {
			t.Fatalf("asked for %d, got %d, %v", limit, len(got), err)
		}
		for _, d := range got {
			seen[string(d.Body)] = true
			mustDelete(t, s, d.Receipt)
		}
	}
	if len(seen) != 11 {
		t.Errorf("saw %d messages", len(seen))
	}
}

func mustDelete(t *testing.T, s QueueSubject, receipts ...string) {
	t.Helper()
	if err := s.Queue.Delete(background, s.Name, receipts...); err != nil {
		t.Fatal(err)
	}
}

func receiveWakes(t *testing.T, s QueueSubject) {
	type answer struct {
		got []queue.Delivery
		err error
	}
	answers := make(chan answer)
	go func() {
		got, err := s.Queue.Receive(background, s.Name, 1, 20*time.Second)
		answers <- answer{got, err}
	}()
	mustSend(t, s, texts("wake up")...)
	if a := <-answers; a.err != nil || len(a.got) != 1 || string(a.got[0].Body) != "wake up" {
		t.Errorf("got %v, %v", a.got, a.err)
	}
}

func receiveEmpty(t *testing.T, s QueueSubject) {
	if got, err := s.Queue.Receive(background, s.Name, 1, time.Second); err != nil || len(got) != 0 {
		t.Errorf("got %d, %v", len(got), err)
	}
	ctx, cancel := context.WithCancel(background)
	cancel()
	if _, err := s.Queue.Receive(ctx, s.Name, 1, 20*time.Second); !errors.Is(err, queue.ErrUnavailable) {
		t.Errorf("an ended context: %v", err)
	}
}

func delayHides(t *testing.T, s QueueSubject) {
	mustSend(t, s, queue.Message{Body: []byte("later"), Delay: 1500 * time.Millisecond}, queue.Message{Body: []byte("now")})
	if got := receive(t, s, s.Name, 1); string(got[0].Body) != "now" {
		t.Fatalf("got %q", got[0].Body)
	} else {
		mustDelete(t, s, got[0].Receipt)
	}
	s.Pass(2 * time.Second) // a second and a half is rounded up
	if got := receive(t, s, s.Name, 1); string(got[0].Body) != "later" || got[0].Receives != 1 {
		t.Errorf("got %q", got[0].Body)
	}
}

func visibility(t *testing.T, s QueueSubject) {
	mustSend(t, s, texts("m")...)
	first := receive(t, s, s.Name, 1)[0]
	wantNothing(t, s, s.Name)
	s.Pass(s.Visibility)
	second := receive(t, s, s.Name, 1)[0]
	if second.ID != first.ID || second.Receipt == first.Receipt || second.Receives != 2 || !second.Sent.Equal(first.Sent) {
		t.Errorf("first %+v, then %+v", first, second)
	}
}

func deleted(t *testing.T, s QueueSubject) {
	mustSend(t, s, texts("a", "b", "c")...)
	var receipts []string
	for _, d := range receive(t, s, s.Name, 3) {
		if string(d.Body) != "b" {
			receipts = append(receipts, d.Receipt)
		}
	}
	mustDelete(t, s, receipts...)
	mustDelete(t, s, receipts...) // again changes nothing
	mustDelete(t, s)
	s.Pass(s.Visibility)
	if got := receive(t, s, s.Name, 1); string(got[0].Body) != "b" {
		t.Errorf("got %q", got[0].Body)
	}
	wantNothing(t, s, s.Name)
}

func oldReceipt(t *testing.T, s QueueSubject) {
	if s.AnyReceiptDeletes {
		t.Skip("this queue deletes by any receipt of a message")
	}
	mustSend(t, s, texts("m")...)
	old := receive(t, s, s.Name, 1)[0]
	s.Pass(s.Visibility)
	receive(t, s, s.Name, 1)
	mustDelete(t, s, old.Receipt)
	s.Pass(s.Visibility)
	if got := receive(t, s, s.Name, 1); got[0].Receives != 3 {
		t.Errorf("%d receives", got[0].Receives)
	}
}

func hide(t *testing.T, s QueueSubject) {
	mustSend(t, s, texts("m")...)
	d := receive(t, s, s.Name, 1)[0]
	if err := s.Queue.Hide(background, s.Name, 0, d.Receipt); err != nil {
		t.Fatal(err)
	}
	d = receive(t, s, s.Name, 1)[0]
	if err := s.Queue.Hide(background, s.Name, s.Visibility+3*time.Second, d.Receipt); err != nil {
		t.Fatal(err)
	}
	s.Pass(s.Visibility)
	wantNothing(t, s, s.Name)
	s.Pass(3 * time.Second)
	if d = receive(t, s, s.Name, 1)[0]; d.Receives != 3 {
		t.Errorf("%d receives", d.Receives)
	}
}

func partialFailure(t *testing.T, s QueueSubject) {
	good := texts("a", "b")
	err := s.Queue.Send(background, s.Name, good[0], queue.Message{}, good[1], queue.Message{Body: []byte("x"), Delay: queue.MaxDelay + time.Second})
	refused := (*queue.SendError)(nil)
	if !errors.As(err, &refused) || !slices.Equal(refused.Failed, []int{1, 3}) || !errors.Is(err, queue.ErrMalformed) {
		t.Fatalf("got %v", err)
	}
	if got := bodiesOf(receive(t, s, s.Name, 2)); !slices.Equal(got, []string{"a", "b"}) {
		t.Errorf("got %q", got)
	}
}

func malformedSend(t *testing.T, s QueueSubject) {
	huge := strings.Repeat("x", queue.MaxBody/2+1)
	for name, messages := range map[string][]queue.Message{
		"none": nil, "eleven": make([]queue.Message, queue.MaxBatch+1), "too long together": texts(huge, huge),
	} {
		if err := s.Queue.Send(background, s.Name, messages...); !errors.Is(err, queue.ErrMalformed) {
			t.Errorf("%s: %v", name, err)
		}
	}
	wantNothing(t, s, s.Name)
}

func redrive(t *testing.T, s QueueSubject) {
	mustSend(t, s, texts("poison")...)
	for i := 1; i <= 3; i++ {
		if d := receive(t, s, s.Name, 1)[0]; d.Receives != i {
			t.Fatalf("receive %d counts %d", i, d.Receives)
		}
		s.Pass(s.Visibility)
	}
	// The receive that would be the fourth moves it; a service may need to be asked again.
	for range 5 {
		wantNothing(t, s, s.Name)
		dead, err := s.Queue.Receive(background, s.DeadLetters, 1, time.Second)
		if err != nil {
			t.Fatal(err)
		}
		if len(dead) == 1 {
			if string(dead[0].Body) != "poison" {
				t.Errorf("the dead letter is %q", dead[0].Body)
			}
			return
		}
	}
	t.Error("no dead letter came")
}

func unknownQueue(t *testing.T, s QueueSubject) {
	const name = "nobody-made-this-queue"
	_, err := s.Queue.Receive(background, name, 1, 0)
	for i, err := range []error{
		err, s.Queue.Send(background, name, texts("x")...), s.Queue.Delete(background, name, "1/1"), s.Queue.Hide(background, name, 0, "1/1"),
	} {
		if !errors.Is(err, queue.ErrNoQueue) {
			t.Errorf("call %d: %v", i, fmt.Sprint(err))
		}
	}
}
