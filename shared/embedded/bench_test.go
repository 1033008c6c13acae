package embedded

import (
	"bytes"
	"context"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/segue-workflows/segue/shared/store"
)

// BenchmarkPut measures acknowledged, durable writes of 600 bytes; ns/op is the time between two of
// them, whoever wrote them.
func BenchmarkPut(b *testing.B) {
	for _, writers := range []int{1, 8, 64} {
		b.Run(fmt.Sprintf("writers=%d", writers), func(b *testing.B) {
			s := open(b, b.TempDir(), Options{})
			body := bytes.Repeat([]byte("segue "), 100)
			var next atomic.Int64
			var wg sync.WaitGroup
			b.ResetTimer()
			for w := range writers {
				wg.Go(func() {
					for i := next.Add(1); i <= int64(b.N); i = next.Add(1) {
						key := store.Key{Part: fmt.Sprintf("i/bench/%d", w), Sort: fmt.Sprintf("%09d", i)}
						if err := s.Put(context.Background(), store.Write{Item: store.Item{Key: key, Body: body}, If: store.Absent}); err != nil {
							b.Error(err)
						}
					}
				})
			}
			wg.Wait()
		})
	}
}
