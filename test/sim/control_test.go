package sim

import (
	"os"
	"sync"
	"testing"
)

// TestOrders lets clients stop, kill, pause, resume and restart runs, stop, kill, skip and restart steps, set
// breakpoints and start only parts of the workflow, among all the faults. Each seed runs twice.
func TestOrders(t *testing.T) {
	base, count := seeds(t, 600)
	t.Logf("seeds %d to %d", base, base+uint64(count)-1)
	var mu sync.Mutex
	var total Tally
	each(base, count, func(seed uint64) bool {
		first, second := New(Config{Seed: seed, Orders: true}), New(Config{Seed: seed, Orders: true})
		failure := first.Run()
		second.Run()
		mu.Lock()
		defer mu.Unlock()
		total.Add(&first.tally)
		if path := os.Getenv("SIM_TRACE"); path != "" {
			if err := os.WriteFile(path, first.trace.text.Bytes(), 0o600); err != nil {
				t.Error(err)
			}
		}
		if failure != "" {
			t.Errorf("%s\n%s\nreplay: SIM_SEED=%d SIM_SEEDS=1 go test ./test/sim -run %s -v", first.trace.tail(60), failure, seed, t.Name())
		}
		if difference := differ(first, second); difference != "" {
			t.Errorf("seed %d has two histories:\n%s", seed, difference)
		}
		return !t.Failed()
	})
	t.Logf("%d orders were acknowledged, %d of them restarts", total.ordered, total.restarted)
	coversOrders(t, &total, count)
}
