package embedded

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"github.com/cockroachdb/pebble/v2"
	"github.com/cockroachdb/pebble/v2/bloom"
	"github.com/cockroachdb/pebble/v2/vfs"

	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Options of a Store. The zero value is good.
type Options struct {
	CacheBytes int64       // memory for blocks of the disk; 0 means 32 MB
	FeedKeep   int         // changes that the feed keeps at least; 0 means 100,000
	Fatal      func(error) // called once when the disk has failed and no further write is possible; must end the process; nil prints one line and exits

	fs vfs.FS // tests only
}

const (
	markerName = "SEGUE"
	markerText = "segue store 1\n"
	lockName   = "LOCK"

	memTableBytes = 8 << 20
)

// Open opens the store in the folder, which is made if it is not there. It fails with CodeInvalid
// when the folder cannot be used and with CodeUnavailable when another process uses it.
func Open(dir string, o Options) (*Store, error) {
	if o.fs == nil {
		o.fs = vfs.Default
	}
	if o.Fatal == nil {
		o.Fatal = exit
	}
	if o.FeedKeep <= 0 {
		o.FeedKeep = 100_000
	}
	if err := claim(dir); err != nil {
		return nil, err
	}
	lock, err := pebble.LockDirectory(dir, o.fs)
	if err != nil {
		return nil, refuseLock(dir, err)
	}
	db, err := openDB(dir, o, lock)
	if err != nil {
		return nil, errors.Join(err, lock.Close())
	}
	s := &Store{
		db: db, dir: dir, fs: o.fs, keep: uint64(o.FeedKeep), closeLock: lock,
		requests: make(chan *request), quit: make(chan struct{}), stopped: make(chan struct{}),
	}
	if err := s.findFeed(); err != nil {
		return nil, errors.Join(err, db.Close(), lock.Close())
	}
	go s.run()
	return s, nil
}

func openDB(dir string, o Options, lock *pebble.Lock) (*pebble.DB, error) {
	if err := mark(dir); err != nil {
		return nil, refuse(dir, err)
	}
	if o.CacheBytes <= 0 {
		o.CacheBytes = 32 << 20
	}
	options := &pebble.Options{
		CacheSize:          o.CacheBytes,
		FS:                 o.fs,
		Lock:               lock,
		Logger:             quiet{o.Fatal},
		FormatMajorVersion: pebble.FormatNewest,
		MemTableSize:       memTableBytes,
		MaxOpenFiles:       500,
	}
	for i := range options.Levels {
		// A guard asks most often for a key that is absent: the filter answers without the disk.
		options.Levels[i].FilterPolicy = bloom.FilterPolicy(10)
	}
	db, err := pebble.Open(dir, options)
	if err != nil {
		return nil, &workflow.Error{Code: workflow.CodeInternal, Cause: err, Text: fmt.Sprintf(
			"the store in %s cannot be opened (%v): move the folder away to begin anew, or put back a copy of it", dir, err)}
	}
	return db, nil
}

// claim checks that the folder is ours or empty, before anything is written into it.
func claim(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return refuse(dir, err)
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return refuse(dir, err)
	}
	ours := func(e os.DirEntry) bool { return e.Name() == markerName }
	foreign := func(e os.DirEntry) bool { return e.Name() != lockName }
	if !slices.ContainsFunc(entries, ours) && slices.ContainsFunc(entries, foreign) {
		return workflow.Errorf(workflow.CodeInvalid, "the folder %s holds other files: choose an empty folder or one that segue made", dir)
	}
	return nil
}

// mark leaves the file that says whose folder this is, or checks the one that is there.
func mark(dir string) error {
	name := filepath.Join(dir, markerName)
	text, err := os.ReadFile(name)
	switch {
	case err == nil && bytes.Equal(text, []byte(markerText)):
		return nil
	case err == nil && len(text) > 0:
		return workflow.Errorf(workflow.CodeInvalid, "the folder %s was written by another version of segue: use that version or another folder", dir)
	case err != nil && !errors.Is(err, os.ErrNotExist):
		return err
	}
	return os.WriteFile(name, []byte(markerText), 0o600)
}

func refuse(dir string, cause error) error {
	if e := (*workflow.Error)(nil); errors.As(cause, &e) {
		return cause
	}
	var reason string
	switch {
	case errors.Is(cause, os.ErrPermission):
		reason = "is not writable: choose another one or change its permissions"
	case isReadOnly(cause):
		reason = "is on a read-only disk: choose another one"
	case isFull(cause):
		reason = "is on a full disk: free some space"
	case isNotFolder(cause):
		reason = "is or lies below a file: choose another one"
	default:
		reason = fmt.Sprintf("cannot be used (%v): choose another one", cause)
	}
	return &workflow.Error{Code: workflow.CodeInvalid, Text: "the folder " + dir + " " + reason, Cause: cause}
}

func refuseLock(dir string, cause error) error {
	if errors.Is(cause, os.ErrPermission) && !isHeld(cause) || isReadOnly(cause) || isFull(cause) {
		return refuse(dir, cause)
	}
	return &workflow.Error{Code: workflow.CodeUnavailable, Cause: errors.Join(store.ErrUnavailable, cause), Text: "the folder " + dir + " is in use by another segue: stop that one or choose another folder"}
}

// quiet keeps the engine's own log lines off the user's screen.
type quiet struct{ fatal func(error) }

func (quiet) Infof(string, ...any)  {}
func (quiet) Errorf(string, ...any) {}

// Fatalf must not return: the engine calls it in states from which it cannot go on.
func (q quiet) Fatalf(format string, args ...any) {
	q.fatal(&workflow.Error{Code: workflow.CodeUnavailable, Text: "the store can no longer write to its disk (" + fmt.Sprintf(format, args...) + "): check the disk and start again; nothing that was answered is lost"})
	select {}
}

func exit(err error) {
	_, _ = io.WriteString(os.Stderr, "segue: "+err.Error()+"\n")
	os.Exit(1)
}
