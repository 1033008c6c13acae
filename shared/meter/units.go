package meter

import (
	"time"

	"github.com/segue-workflows/segue/shared/pack"
	"github.com/segue-workflows/segue/shared/store"
)

const (
	writeUnit  = 1 << 10
	readUnit   = 4 << 10
	queueChunk = 64 << 10
)

// WriteUnits returns the price of writing an item that was before bytes long (0: absent) and is
// after bytes long afterwards (0: deleted): the larger of both counts, and nothing is free.
func WriteUnits(before, after int) int { return atLeastOne(max(before, after), writeUnit) }

// TransactionUnits returns the price of the same write inside a transaction.
func TransactionUnits(before, after int) int { return 2 * WriteUnits(before, after) }

// ReadHalves returns the price, in half units, of reading so many bytes together.
func ReadHalves(bytes int, how store.Read) int {
	units := atLeastOne(bytes, readUnit)
	if how == store.Stale {
		return units
	}
	return 2 * units
}

// QueueRequests returns how many requests a call with so many bytes of bodies is billed as.
func QueueRequests(bytes int) int { return atLeastOne(bytes, queueChunk) }

// Size tells how many bytes an item takes in the table, names and numbers included.
type Size func(store.Item) int

// PlainSize is the size of an item whose body is stored as it is.
func PlainSize(i store.Item) int { return TableSize(i, len(i.Body)) }

// PackedSize is the size of an item as the DynamoDB adapter stores it. It compresses the body to
// know, so it costs time.
func PackedSize(i store.Item) int { return TableSize(i, len(pack.Encode(i.Body))) }

// TableSize is the size of an item whose body takes so many bytes when stored.
// Overhead: names of a letter each, revision (3), write token (8) and expiry (6).
func TableSize(i store.Item, body int) int {
	size := len(i.Part) + len(i.Sort) + body + len("psrtb") + 3 + 8
	if i.Expire != (time.Time{}) {
		size += len("x") + 6
	}
	return size
}

func atLeastOne(bytes, unit int) int { return max(1, (bytes+unit-1)/unit) }
