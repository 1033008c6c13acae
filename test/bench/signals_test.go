package bench

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
)

// listening is a workflow that each signal of a name with kind=new starts.
func listening(name string) string {
	return fmt.Sprintf(`{"properties": {"owner": "bench", "run_strategy": {"rule": "PARALLEL", "workflow_concurrency": 1000}}, "is_active": true,
 "workflow": {"id": "bench", "signal_triggers": [{"definitions": {%q: {"match_params": {"kind": {"value": "new", "operator": "="}}}}}],
  "steps": [{"step": {"id": "only", "type": "NoOp"}}]}}`, name)
}

// post asks the API of the home. It is called from any goroutine.
func (h home) post(path, body string) error {
	r := httptest.NewRequest(http.MethodPost, "/api/v3/"+path, strings.NewReader(body))
	r.Header.Set("user", "bench")
	w := httptest.NewRecorder()
	h.Handler().ServeHTTP(w, r)
	if w.Code/100 != 2 {
		return fmt.Errorf("%d %s", w.Code, w.Body)
	}
	return nil
}

func (h home) announce(name, kind string, n int64) error {
	return h.post("signals", fmt.Sprintf(`{"name": %q, "params": {"kind": %q, "n": %d}}`, name, kind, n))
}

func homes(b *testing.B, measure func(b *testing.B, h home)) {
	for _, where := range []string{"memory", "embedded"} {
		b.Run(where, func(b *testing.B) {
			h := open(b, where == "embedded")
			defer h.stop()
			if err := h.post("workflows", listening("file")); err != nil {
				b.Fatal(err)
			}
			measure(b, h)
		})
	}
}

// BenchmarkSignalStarts tells how long after a request announces a signal the run that it starts is there, and has begun.
func BenchmarkSignalStarts(b *testing.B) {
	homes(b, func(b *testing.B, h home) {
		var took []time.Duration
		for n := range b.N {
			at := time.Now()
			if err := h.announce("file", "new", int64(n)); err != nil {
				b.Fatal(err)
			}
			for state := h.state(b, n+1); state.Start == 0; state = h.state(b, n+1) {
			}
			took = append(took, time.Since(at))
		}
		slices.Sort(took)
		b.ReportMetric(milliseconds(took[len(took)/2]), "p50-ms")
		b.ReportMetric(milliseconds(took[len(took)*99/100]), "p99-ms")
		b.ReportMetric(0, "ns/op")
	})
}

const (
	perSecond  = 1000
	announcers = 16 // at once
)

// signalled is how long BenchmarkSignalLoad goes on: SEGUE_BENCH_SIGNALS is a duration, 10s without.
func signalled(b *testing.B) time.Duration {
	b.Helper()
	text := os.Getenv("SEGUE_BENCH_SIGNALS")
	if text == "" {
		return 10 * time.Second
	}
	d, err := time.ParseDuration(text)
	if err != nil || d < time.Second {
		b.Fatalf("SEGUE_BENCH_SIGNALS is %q: want a duration of a second or more", text)
	}
	return d
}

// BenchmarkSignalLoad announces 1,000 signals a second, each at its time whether or not those before it are done, of one
// name or of 100. One in a hundred starts a run. The lag of a signal is how long after its time it was announced and had
// been told: where the server is too slow, that of the last fifth is above that of the first, and there are fewer signals.
func BenchmarkSignalLoad(b *testing.B) {
	for _, names := range []int64{1, 100} {
		b.Run(fmt.Sprintf("names=%d", names), func(b *testing.B) {
			homes(b, func(b *testing.B, h home) {
				runs := 0
				for round := range b.N {
					runs = h.load(b, names, int64(round), runs)
				}
			})
		})
	}
}

// load goes on after so many runs, and returns how many there are then.
func (h home) load(b *testing.B, names, round int64, runs int) int {
	b.Helper()
	span := signalled(b)
	all := int64(span.Seconds() * perSecond)
	lags := make([]time.Duration, all)
	fault := make(chan error, announcers)
	var next atomic.Int64
	var working sync.WaitGroup
	began := time.Now()
	for range announcers {
		working.Go(func() {
			for time.Since(began) < span {
				n := next.Add(1) - 1
				if n >= all {
					return
				}
				due := began.Add(time.Duration(n) * time.Second / perSecond)
				<-time.After(time.Until(due))
				name, kind := "file", "old"
				if other := n % names; other != 0 {
					name = fmt.Sprintf("file-%d", other)
				}
				if n%100 == 0 {
					kind = "new"
				}
				if err := h.announce(name, kind, round*all+n); err != nil {
					fault <- err
					return
				}
				lags[n] = time.Since(due)
			}
		})
	}
	working.Wait()
	took := time.Since(began)
	close(fault)
	if err := <-fault; err != nil {
		b.Fatal(err)
	}
	done := min(next.Load(), all)
	runs += int(done+99) / 100
	h.await(b, runs)
	b.ReportMetric(float64(done)/took.Seconds(), "signals/s")
	first, last := lags[:done/5], lags[done-done/5:done]
	slices.Sort(first)
	slices.Sort(last)
	b.ReportMetric(milliseconds(first[len(first)/2]), "first-p50-ms")
	b.ReportMetric(milliseconds(last[len(last)/2]), "last-p50-ms")
	b.ReportMetric(milliseconds(last[len(last)*99/100]), "last-p99-ms")
	b.ReportMetric((time.Since(began)-took).Seconds()*1000, "runs-end-after-ms")
	b.ReportMetric(0, "ns/op")
	return runs
}

func milliseconds(d time.Duration) float64 { return d.Seconds() * 1000 }
