package embedded

import (
	"context"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/segue-workflows/segue/shared/store"
)

// slowDisk holds every sync of the log until it is released.
type slowDisk struct {
	vfs.FS
	held     atomic.Bool
	reached  chan struct{} // a sync is being held
	released chan struct{}
}

type slowFile struct {
	vfs.File
	disk *slowDisk
}

func (d *slowDisk) Create(name string, category vfs.DiskWriteCategory) (vfs.File, error) {
	f, err := d.FS.Create(name, category)
	if err == nil && strings.HasSuffix(name, ".log") {
		f = slowFile{f, d}
	}
	return f, err
}

func (f slowFile) wait() {
	if f.disk.held.CompareAndSwap(true, false) {
		close(f.disk.reached)
		<-f.disk.released
	}
}

func (f slowFile) Sync() error     { f.wait(); return f.File.Sync() }
func (f slowFile) SyncData() error { f.wait(); return f.File.SyncData() }

// TestNothingIsSeenBeforeItIsDurable reads while the write is on its way to the disk.
func TestNothingIsSeenBeforeItIsDurable(t *testing.T) {
	disk := &slowDisk{FS: vfs.Default, reached: make(chan struct{}), released: make(chan struct{})}
	s := open(t, t.TempDir(), Options{fs: disk})
	ctx := context.Background()
	if err := s.Put(ctx, put("q", "other", "x")); err != nil {
		t.Fatal(err)
	}
	disk.held.Store(true)
	written := make(chan error)
	go func() { written <- s.Put(ctx, put("p", "s", "x")) }()
	<-disk.reached
	if items, err := s.Get(ctx, store.Fresh, store.Key{Part: "q", Sort: "other"}); err != nil || items[0].Rev != 1 {
		t.Errorf("a part without writes under way: %v, %v", items, err)
	}
	var durable atomic.Bool
	readers := map[string]func() (seen bool, err error){
		"Get": func() (bool, error) {
			items, err := s.Get(ctx, store.Fresh, store.Key{Part: "p", Sort: "s"})
			return err == nil && items[0].Rev == 1, err
		},
		"List": func() (bool, error) {
			items, _, err := s.List(ctx, store.Range{Part: "p"})
			return len(items) == 1, err
		},
		"Next": func() (bool, error) {
			changes, _, err := s.Next(ctx, "1")
			return len(changes) == 1, err
		},
	}
	finished := make(chan struct{})
	for name, read := range readers {
		go func() {
			seen, err := read()
			if err != nil || seen && !durable.Load() {
				t.Errorf("%s saw a write that could still be lost: %v, %v", name, seen, err)
			}
			finished <- struct{}{}
		}()
	}
	select { // Next has nothing to wait for; the others would be back at once if they did not wait
	case <-finished:
	case <-time.After(10 * time.Second):
		t.Error("the feed waits for a write")
	}
	wait := time.After(50 * time.Millisecond)
	early := 0
	for open := true; open && early < 2; {
		select {
		case <-finished:
			early++
		case <-wait:
			open = false
		}
	}
	durable.Store(true)
	close(disk.released)
	if err := <-written; err != nil {
		t.Error(err)
	}
	for range 2 - early {
		<-finished
	}
}
