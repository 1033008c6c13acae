package lambda

import (
	"context"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"
	"time"

	runtime "github.com/aws/aws-lambda-go/lambda"
)

// The test binary is also a function: with this variable it behaves as the events say.
const asFunction = "LAMBDA_TEST_FUNCTION"

func TestMain(m *testing.M) {
	if os.Getenv(asFunction) != "" {
		runtime.Start(behave)
	}
	os.Exit(m.Run())
}

type event struct {
	Do   string
	Size int
}

type report struct {
	Process  int
	Trace    string
	Deadline time.Duration
	Name     string
	Padding  string
}

func behave(ctx context.Context, e event) (report, error) {
	switch e.Do {
	case "fail":
		return report{}, errors.New("on purpose")
	case "panic":
		panic("on purpose")
	case "exit":
		os.Exit(3)
	case "hang":
		select {} // past every deadline
	case "wait":
		<-time.After(200 * time.Millisecond)
	}
	deadline, _ := ctx.Deadline()
	return report{os.Getpid(), os.Getenv("_X_AMZN_TRACE_ID"), time.Until(deadline), os.Getenv("AWS_LAMBDA_FUNCTION_NAME"), strings.Repeat("x", e.Size)}, nil
}

func function(t *testing.T, copies int, recursion bool) *Function {
	t.Helper()
	return functionOf(service(t, 0), "tested", copies, recursion)
}

func service(t *testing.T, account int) *Service {
	t.Helper()
	s, err := Start(account)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(s.Close)
	return s
}

func functionOf(s *Service, name string, copies int, recursion bool) *Function {
	return s.Add(Config{
		Name: name, ARN: "arn:tested", Program: os.Args[0], Variables: []string{asFunction + "=1"},
		Timeout: 2 * time.Second, Memory: 128, Copies: copies, Recursion: recursion,
	})
}

func invoke(t *testing.T, f *Function, e event) (report, error) {
	t.Helper()
	payload, _ := json.Marshal(e)
	out, err := f.Invoke(t.Context(), payload, NewTrace())
	var r report
	if err == nil {
		err = json.Unmarshal(out, &r)
	}
	return r, err
}

func TestAProcessHandlesOneEventAfterAnother(t *testing.T) {
	t.Parallel()
	f := function(t, 1, false)
	first, err := invoke(t, f, event{})
	if err != nil {
		t.Fatal(err)
	}
	second, err := invoke(t, f, event{})
	if err != nil || second.Process != first.Process {
		t.Errorf("the second event went to process %d (%v), not to %d, which was idle", second.Process, err, first.Process)
	}
	if first.Name != "tested" || first.Deadline <= 0 || first.Deadline > 2*time.Second {
		t.Errorf("the function saw %+v", first)
	}
	if !strings.Contains(first.Trace, ";Lineage=1:") || !strings.HasSuffix(first.Trace, ":1") {
		t.Errorf("the trace is %q", first.Trace)
	}
}

func TestBusyCopiesAreJoinedByOthersUpToTheLimit(t *testing.T) {
	t.Parallel()
	f := function(t, 3, false)
	var mu sync.Mutex
	seen := map[int]int{}
	var all sync.WaitGroup
	for range 9 {
		all.Go(func() {
			r, err := invoke(t, f, event{Do: "wait"})
			if err != nil {
				t.Error(err)
			}
			mu.Lock()
			defer mu.Unlock()
			seen[r.Process]++
		})
	}
	all.Wait()
	if len(seen) != 3 || f.Invocations() != 9 {
		t.Errorf("%d events were spread over %v; want 9 over 3 processes", f.Invocations(), seen)
	}
}

func TestWhatGoesWrong(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		event    event
		want     error // nil: a *FunctionError
		survives bool
	}{
		{event{Do: "fail"}, nil, true},
		{event{Do: "panic"}, nil, false},
		{event{Do: "exit"}, ErrExited, false},
		{event{Do: "hang"}, ErrTimedOut, false},
		{event{Size: maxPayload}, ErrTooLarge, false},
	} {
		t.Run(tt.event.Do, func(t *testing.T) {
			t.Parallel()
			f := function(t, 1, false)
			before, err := invoke(t, f, event{})
			if err != nil {
				t.Fatal(err)
			}
			_, err = invoke(t, f, tt.event)
			failed := (*FunctionError)(nil)
			if ok := errors.As(err, &failed); tt.want == nil && !ok || tt.want != nil && !errors.Is(err, tt.want) {
				t.Errorf("the error is %v", err)
			}
			after, err := invoke(t, f, event{})
			if err != nil {
				t.Fatalf("the next event: %v", err)
			}
			if tt.survives && after.Process != before.Process {
				t.Error("the process was replaced")
			}
			if !tt.survives && after.Process == before.Process {
				t.Error("the process is the same")
			}
		})
	}
}

func TestAKilledProcessIsAnError(t *testing.T) {
	t.Parallel()
	f := function(t, 1, false)
	failed := make(chan error, 1)
	go func() {
		_, err := f.Invoke(context.Background(), []byte(`{"Do": "hang"}`), NewTrace())
		failed <- err
	}()
	for killed := false; !killed; {
		killed = f.service.Kill("tested")
	}
	if err := <-failed; !errors.Is(err, ErrExited) {
		t.Errorf("the error is %v", err)
	}
}

func TestRecursionStopsAfterSixteenInvocations(t *testing.T) {
	t.Parallel()
	for _, allowed := range []bool{false, true} {
		f := function(t, 1, allowed)
		trace, stopped := NewTrace(), 0
		for hop := 1; hop <= 20 && stopped == 0; hop++ {
			out, err := f.Invoke(t.Context(), []byte(`{}`), trace)
			if errors.Is(err, ErrRecursion) {
				stopped = hop
				continue
			}
			var r report
			if err != nil || json.Unmarshal(out, &r) != nil {
				t.Fatal(err)
			}
			trace = Follow(r.Trace) // what a call of the function would carry
		}
		if want := map[bool]int{false: 17, true: 0}[allowed]; stopped != want {
			t.Errorf("recursion allowed %t: stopped at invocation %d, want %d", allowed, stopped, want)
		}
	}
}

func TestTooLargeEvents(t *testing.T) {
	t.Parallel()
	if _, err := function(t, 1, false).Invoke(t.Context(), make([]byte, maxPayload+1), NewTrace()); !errors.Is(err, ErrTooLarge) {
		t.Errorf("the error is %v", err)
	}
}

func TestLineage(t *testing.T) {
	t.Parallel()
	a := NewTrace()
	b := Follow(Follow(a.String()).String())
	if b.Root != a.Root || b.Hops != 3 {
		t.Errorf("%+v followed twice is %+v", a, b)
	}
	if got := Follow(""); got.Hops != 1 || got.Root == a.Root {
		t.Errorf("no header begins %+v", got)
	}
	if a.Longest(b) != b || b.Longest(a) != b {
		t.Error("the longest lineage of a batch is not its own")
	}
}

// TestAnAccountThatIsBusyRefusesEvents: the functions of one account share its concurrency.
func TestAnAccountThatIsBusyRefusesEvents(t *testing.T) {
	s := service(t, 1)
	busy, other := functionOf(s, "busy", 2, false), functionOf(s, "other", 2, false)
	ended := make(chan error)
	go func() {
		_, err := busy.Invoke(context.Background(), []byte(`{"Do": "hang"}`), NewTrace())
		ended <- err
	}()
	for most := 0; most == 0; most, _ = s.Load() { // until it has the account's only place
		<-time.After(time.Millisecond)
	}
	if _, err := other.Invoke(t.Context(), []byte(`{}`), NewTrace()); !errors.Is(err, ErrThrottled) {
		t.Errorf("the account is busy: %v", err)
	}
	if _, throttled := s.Load(); throttled != 1 {
		t.Errorf("%d events were throttled", throttled)
	}
	<-ended
	if _, err := other.Invoke(t.Context(), []byte(`{}`), NewTrace()); err != nil {
		t.Errorf("the place is free again: %v", err)
	}
	if most, _ := s.Load(); most != 1 {
		t.Errorf("%d at once in an account of one", most)
	}
}
