package store

import (
	"errors"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"
)

// DefaultLimit is the page size of a Range without a limit.
const DefaultLimit = 1_000

// Longest key halves, in bytes.
const (
	MaxPart = 1_024
	MaxSort = 512
)

// ErrMalformed marks a write that no store may take: a bug of the caller.
var ErrMalformed = errors.New("store: malformed write")

// ErrCursor marks a cursor that no feed gave out.
var ErrCursor = errors.New("store: not a cursor of this feed")

// Check fails with ErrMalformed when no store may take the write. Every adapter calls it first, so
// that all of them refuse the same writes.
func Check(w Write) error {
	switch {
	case w.Part == "" || w.Sort == "":
		return fmt.Errorf("%w: both halves of a key are needed", ErrMalformed)
	case len(w.Part) > MaxPart || len(w.Sort) > MaxSort:
		return fmt.Errorf("%w: a key has at most %d and %d bytes, this one has %d and %d", ErrMalformed, MaxPart, MaxSort, len(w.Part), len(w.Sort))
	case strings.IndexByte(w.Part, 0) >= 0 || !utf8.ValidString(w.Part) || !utf8.ValidString(w.Sort):
		return fmt.Errorf("%w: a key is UTF-8, and its part holds no zero byte", ErrMalformed)
	case len(w.Body) > MaxBody:
		return fmt.Errorf("%w: a body has at most %d bytes, the one of %s/%s has %d", ErrMalformed, MaxBody, w.Part, w.Sort, len(w.Body))
	}
	return nil
}

// CheckAll fails with ErrMalformed when no store may take the writes together.
func CheckAll(ws []Write) error {
	if len(ws) == 0 || len(ws) > MaxPutAll {
		return fmt.Errorf("%w: PutAll takes 1 to %d writes, not %d", ErrMalformed, MaxPutAll, len(ws))
	}
	for i, w := range ws {
		if err := Check(w); err != nil {
			return err
		}
		for _, earlier := range ws[:i] {
			if earlier.Key == w.Key {
				return fmt.Errorf("%w: PutAll takes each key once, %s/%s comes twice", ErrMalformed, w.Part, w.Sort)
			}
		}
	}
	return nil
}

// ExpirySecond returns the expiry as every store keeps it: whole seconds, rounded up, in UTC.
func ExpirySecond(t time.Time) time.Time {
	if t.IsZero() {
		return time.Time{}
	}
	if t.Nanosecond() != 0 {
		t = t.Add(time.Second)
	}
	return time.Unix(t.Unix(), 0).UTC()
}
