package pack

import (
	"bytes"
	"compress/flate"
	_ "embed"
	"errors"
	"fmt"
	"io"
	"sync"
)

// Versions of the format, the first byte of a packed body.
const (
	plain    = 0 // the body follows as it is
	deflated = 1 // deflate with dictionary 1
)

// compressAbove is the length up to which a body is not worth compressing.
const compressAbove = 200

// dictionary1 has what is most frequent near its end, where references to it are shortest.
//
//go:embed dictionary_v1.txt
var dictionary1 []byte

// ErrCorrupt marks a packed body that cannot be read.
var ErrCorrupt = errors.New("pack: a body cannot be read")

var writers = sync.Pool{New: func() any {
	w, err := flate.NewWriterDict(io.Discard, flate.DefaultCompression, dictionary1)
	if err != nil {
		panic(err) // only a wrong level can fail
	}
	return w
}}

var readers = sync.Pool{New: func() any { return flate.NewReaderDict(bytes.NewReader(nil), dictionary1) }}

// Encode packs a body. It keeps the body plain where compression would not make it shorter.
func Encode(body []byte) []byte {
	if len(body) > compressAbove {
		if packed := deflate(body); len(packed) <= len(body) {
			return packed
		}
	}
	return append([]byte{plain}, body...)
}

func deflate(body []byte) []byte {
	var out bytes.Buffer
	out.Grow(len(body)/4 + 64)
	out.WriteByte(deflated)
	w := writers.Get().(*flate.Writer)
	defer writers.Put(w)
	w.Reset(&out)
	// Writes into a buffer do not fail.
	_, _ = w.Write(body)
	_ = w.Close()
	return out.Bytes()
}

// Decode unpacks a body of at most limit bytes. It fails with ErrCorrupt. The result is never nil.
func Decode(packed []byte, limit int) ([]byte, error) {
	if len(packed) == 0 {
		return nil, fmt.Errorf("%w: it is empty", ErrCorrupt)
	}
	rest := packed[1:]
	switch packed[0] {
	case plain:
		return append([]byte{}, rest...), nil
	case deflated:
		return inflate(rest, limit)
	default:
		return nil, fmt.Errorf("%w: its version %d is not known here", ErrCorrupt, packed[0])
	}
}

func inflate(packed []byte, limit int) ([]byte, error) {
	r := readers.Get().(io.ReadCloser)
	defer readers.Put(r)
	if err := r.(flate.Resetter).Reset(bytes.NewReader(packed), dictionary1); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	var out bytes.Buffer
	out.Grow(min(4*len(packed)+64, limit+1))
	if _, err := out.ReadFrom(io.LimitReader(r, int64(limit)+1)); err != nil {
		return nil, fmt.Errorf("%w: %w", ErrCorrupt, err)
	}
	if out.Len() > limit {
		return nil, fmt.Errorf("%w: it unpacks to more than %d bytes", ErrCorrupt, limit)
	}
	return append([]byte{}, out.Bytes()...), nil
}
