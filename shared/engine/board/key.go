package board

import (
	"fmt"
	"hash/fnv"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/signal"
	"github.com/segue-workflows/segue/shared/store"
)

// Names come last in a part: they may hold any character but the zero byte.

func logPart(name string) string { return "s/" + name }

func logKey(name string, seq int64) store.Key {
	return store.Key{Part: logPart(name), Sort: fmt.Sprintf("%019d", seq)}
}

func shapesKey(name string) store.Key { return store.Key{Part: logPart(name), Sort: "~shapes"} }

// identityKey spreads the identities of a name over 256 partitions.
func identityKey(name, identity string) store.Key {
	sum := fnv.New32a()
	sum.Write([]byte(identity))
	return store.Key{Part: fmt.Sprintf("k/%02x/%s", sum.Sum32()&0xff, name), Sort: identity}
}

func indexPart(name string, shape signal.Shape, place string) string {
	return "x/" + shape.ID() + "/" + place + "/" + name
}

// indexKey is where a signal is in the index of a shape.
func indexKey(in *signal.Instance, shape signal.Shape, place string) store.Key {
	sort := fmt.Sprintf("%019d", in.Seq)
	if shape.Ranged != "" {
		value, _ := cut(in.Params[shape.Ranged])
		sort = value + end + sort
	}
	return store.Key{Part: indexPart(in.Name, shape, place), Sort: sort}
}

// seqOf reads the number at the end of the sort key of a signal in the log or in an index.
func seqOf(sort string) int64 {
	seq, _ := strconv.ParseInt(sort[max(0, len(sort)-19):], 10, 64)
	return seq
}

// A value in a sort key ends with a byte that no value holds, so that values sort before their extensions.
const (
	end   = "\x00"
	after = "\x01" // sorts behind everything that a value and its end begin
)

// maxCut is how much of a value a sort key has room for.
const maxCut = 160

// cut returns the text of a value for a sort key, and whether that is all of it. Values that agree so far stand
// together, and whoever reads them has to compare the values themselves.
func cut(value any) (text string, whole bool) {
	text = signal.Encode(value)
	if len(text) <= maxCut {
		return text, true
	}
	text = text[:maxCut]
	for !utf8.ValidString(text) {
		text = text[:len(text)-1]
	}
	return text, false
}

// kind returns the bounds of the texts of all values of the type of value.
func kind(value any) (from, to string) {
	if _, text := value.(string); text {
		return "#", "$"
	}
	return "$", "~"
}

// above tells whether a condition wants values above its own.
func above(operator string) bool { return strings.HasPrefix(operator, ">") }

// bounds returns between which sort keys of an index the values stand that a condition wants, or a little more.
func bounds(m signal.Match) (from, to string) {
	text, whole := cut(m.Value)
	from, to = kind(m.Value)
	switch strict := len(m.Operator) == 1 && whole; {
	case above(m.Operator) && strict:
		from = text + after
	case above(m.Operator):
		from = text
	case strict:
		to = text
	default:
		to = text + after
	}
	return from, to
}
