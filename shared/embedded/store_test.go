package embedded

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

func open(t testing.TB, dir string, o Options) *Store {
	t.Helper()
	s, err := Open(dir, o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := s.Close(); err != nil {
			t.Error(err)
		}
	})
	return s
}

func put(part, sort, body string) store.Write {
	return store.Write{Item: store.Item{Key: store.Key{Part: part, Sort: sort}, Body: []byte(body)}}
}

func TestOpenRefusesWithOneClearLine(t *testing.T) {
	taken := t.TempDir()
	open(t, taken, Options{})
	foreign := t.TempDir()
	mustWrite(t, filepath.Join(foreign, "letter.txt"), "dear")
	file := filepath.Join(t.TempDir(), "file")
	mustWrite(t, file, "x")
	newer := t.TempDir()
	mustWrite(t, filepath.Join(newer, markerName), "segue store 99\n")

	for _, tt := range []struct {
		name, dir, want string
		code            workflow.Code
	}{
		{"in use", taken, "is in use by another segue", workflow.CodeUnavailable},
		{"other files", foreign, "holds other files", workflow.CodeInvalid},
		{"file", file, "choose another one", workflow.CodeInvalid},
		{"below a file", filepath.Join(file, "data"), "choose another one", workflow.CodeInvalid},
		{"other version", newer, "another version of segue", workflow.CodeInvalid},
		{"no place for folders", "/proc/segue", "choose another one", workflow.CodeInvalid},
	} {
		t.Run(tt.name, func(t *testing.T) {
			s, err := Open(tt.dir, Options{})
			if err == nil {
				_ = s.Close()
				t.Fatal("opened")
			}
			if workflow.CodeOf(err) != tt.code || !strings.Contains(err.Error(), tt.want) || strings.Contains(err.Error(), "\n") {
				t.Errorf("got %s: %q, want %s: …%s…", workflow.CodeOf(err), err, tt.code, tt.want)
			}
		})
	}
}

func mustWrite(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestOpenAgainAfterAnInterruptedFirstOpen(t *testing.T) {
	dir := t.TempDir()
	mustWrite(t, filepath.Join(dir, lockName), "")
	open(t, dir, Options{})
}

// smallDisk reports as little free space as it is told.
type smallDisk struct {
	vfs.FS
	free uint64
}

func (d *smallDisk) GetDiskUsage(string) (vfs.DiskUsage, error) {
	return vfs.DiskUsage{AvailBytes: d.free}, nil
}

func TestPutIsRefusedBeforeTheDiskIsFull(t *testing.T) {
	disk := &smallDisk{FS: vfs.Default, free: diskSpare + 100}
	s := open(t, t.TempDir(), Options{fs: disk})
	ctx := context.Background()
	if err := s.Put(ctx, put("p", "a", "small")); err != nil {
		t.Fatal(err)
	}
	err := s.Put(ctx, put("p", "b", strings.Repeat("x", 1000)))
	if !errors.Is(err, store.ErrUnavailable) || workflow.CodeOf(err) != workflow.CodeUnavailable || !strings.Contains(err.Error(), "free at least 64 MB") {
		t.Fatalf("got %v", err)
	}
	if items, err := s.Get(ctx, store.Fresh, store.Key{Part: "p", Sort: "b"}); err != nil || items[0].Rev != 0 {
		t.Fatalf("a refused write landed: %v %v", items, err)
	}
}

func TestClosedStoreIsUnavailable(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	ctx := context.Background()
	if err := s.Put(ctx, put("p", "s", "x")); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Put: %v", err)
	}
	if _, err := s.Get(ctx, store.Fresh, store.Key{Part: "p", Sort: "s"}); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Get: %v", err)
	}
	if _, _, err := s.Next(ctx, ""); !errors.Is(err, store.ErrUnavailable) {
		t.Errorf("Next: %v", err)
	}
}

func TestSweepRemovesWhatExpired(t *testing.T) {
	s := open(t, t.TempDir(), Options{})
	ctx, now := context.Background(), time.Unix(1_000_000, 0)
	for i := range 1_200 { // more than two pages of the sweep
		w := put("p", fmt.Sprintf("%04d", i), "x")
		w.Expire = now.Add(time.Duration(i%3) * time.Hour)
		if i%3 == 2 {
			w.Expire = time.Time{}
		}
		if err := s.Put(ctx, w); err != nil {
			t.Fatal(err)
		}
	}
	late := put("p", "0000", "given more time")
	late.Expire = now.Add(2 * time.Hour)
	if err := s.Put(ctx, late); err != nil {
		t.Fatal(err)
	}
	for _, step := range []struct {
		at   time.Duration
		want int
	}{{-time.Second, 0}, {0, 399}, {0, 0}, {time.Hour, 400}, {2 * time.Hour, 1}, {9 * time.Hour, 0}} {
		removed, err := s.Sweep(ctx, now.Add(step.at))
		if err != nil || removed != step.want {
			t.Fatalf("sweep at %v removed %d, %v; want %d", step.at, removed, err, step.want)
		}
	}
	items, _, err := s.List(ctx, store.Range{Part: "p"})
	if err != nil || len(items) != 400 {
		t.Fatalf("%d items left, %v", len(items), err)
	}
}

func TestFeedIsTrimmedAndGoesOnAfterReopen(t *testing.T) {
	dir, ctx := t.TempDir(), context.Background()
	s := open(t, dir, Options{FeedKeep: 20})
	for i := range 100 {
		if err := s.Put(ctx, put("p", fmt.Sprintf("%03d", i), "x")); err != nil {
			t.Fatal(err)
		}
	}
	changes, cursor, err := s.Next(ctx, "")
	if err != nil || len(changes) < 20 || len(changes) > 23 || changes[len(changes)-1].Sort != "099" {
		t.Fatalf("%d changes, %v", len(changes), err)
	}
	if err := s.Close(); err != nil {
		t.Fatal(err)
	}
	s = open(t, dir, Options{FeedKeep: 20})
	if err := s.Put(ctx, put("p", "100", "x")); err != nil {
		t.Fatal(err)
	}
	changes, _, err = s.Next(ctx, cursor)
	if err != nil || len(changes) != 1 || changes[0].Sort != "100" {
		t.Fatalf("after reopen: %v, %v", changes, err)
	}
}
