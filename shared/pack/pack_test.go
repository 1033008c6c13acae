package pack

import (
	"bytes"
	"errors"
	"fmt"
	"hash/crc32"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestEveryBodyComesBack(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		body := bytes.Repeat(rapid.SliceOf(rapid.Byte()).Draw(t, "body"), rapid.IntRange(0, 40).Draw(t, "times"))
		packed := Encode(body)
		if len(packed) > len(body)+1 {
			t.Fatalf("%d bytes became %d", len(body), len(packed))
		}
		got, err := Decode(packed, len(body))
		if err != nil || got == nil || !bytes.Equal(got, body) {
			t.Fatalf("%d bytes came back as %d, %v", len(body), len(got), err)
		}
	})
}

// TestStoredBodiesCanBeReadForEver fails when a released dictionary is edited.
func TestStoredBodiesCanBeReadForEver(t *testing.T) {
	if got, err := Decode([]byte("\x00plain"), 5); err != nil || string(got) != "plain" {
		t.Errorf("version 0: %q, %v", got, err)
	}
	checksum := func(b []byte) string { return fmt.Sprintf("%08x", crc32.ChecksumIEEE(b)) }
	const want = "fc617cda"
	if got := checksum(dictionary1); got != want {
		t.Errorf("dictionary 1 has checksum %s, want %s: bodies that were written with it cannot be read any more", got, want)
	}
}

func TestCorruptBodies(t *testing.T) {
	long := Encode([]byte(strings.Repeat("segue", 1000)))
	for name, packed := range map[string][]byte{
		"empty": {}, "unknown version": {99, 1, 2}, "cut": long[:len(long)/2], "too long": long, "nonsense": {deflated, 0xff, 0xff},
	} {
		if _, err := Decode(packed, 4999); !errors.Is(err, ErrCorrupt) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTypicalBodiesTakeOneWriteUnit(t *testing.T) {
	body := `{"o":0,"a":1,"m":[["CREATED",1700000000000],["STARTING",1700000000001],["RUNNING",1700000000002],["SUCCEEDED",1700000000003]],"f":4,"p":{"step_status":{"value":"x","type":"STRING","evaluated_result":"x","mode":"MUTABLE","meta":{"source":"SYSTEM_INJECTED"}}}}`
	if n := len(Encode([]byte(body))); n > len(body)/2 {
		t.Errorf("%d bytes became %d", len(body), n)
	}
}

func BenchmarkEncode(b *testing.B) {
	body := []byte(strings.Repeat(`{"o":0,"a":1,"m":[["CREATED",17],["STARTING",17]],"f":4}`, 20))
	for b.Loop() {
		Encode(body)
	}
}
