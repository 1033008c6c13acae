package aws

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/segue-workflows/segue/shared/pack"
	"github.com/segue-workflows/segue/shared/store"
)

// Names of the attributes.
const (
	attrPart   = "p"
	attrSort   = "s"
	attrRev    = "r"
	attrToken  = "t"
	attrBody   = "b"
	attrParts  = "n"
	attrExpire = "x"
)

// row is an item as the table has it.
type row struct {
	key    store.Key
	rev    int64
	token  string // 8 bytes
	packed []byte // nil when the body is in parts
	parts  int
	expire int64 // epoch seconds; 0: never
}

type attributes = map[string]types.AttributeValue

func keyOf(k store.Key) attributes {
	return attributes{attrPart: textValue(k.Part), attrSort: textValue(k.Sort)}
}

func textValue(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func numberValue(n int64) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.FormatInt(n, 10)}
}

func bytesValue(b []byte) types.AttributeValue { return &types.AttributeValueMemberB{Value: b} }

// parseRow reads what the table returned; attributes that were not asked for stay zero.
func parseRow(a attributes) (row, error) {
	r := row{}
	if v, ok := a[attrPart].(*types.AttributeValueMemberS); ok {
		r.key.Part = v.Value
	}
	if v, ok := a[attrSort].(*types.AttributeValueMemberS); ok {
		r.key.Sort = v.Value
	}
	if v, ok := a[attrToken].(*types.AttributeValueMemberB); ok {
		r.token = string(v.Value)
	}
	if v, ok := a[attrBody].(*types.AttributeValueMemberB); ok {
		r.packed = v.Value
	}
	var parts int64
	for name, to := range map[string]*int64{attrRev: &r.rev, attrParts: &parts, attrExpire: &r.expire} {
		v, ok := a[name].(*types.AttributeValueMemberN)
		if !ok {
			continue
		}
		n, err := strconv.ParseInt(v.Value, 10, 64)
		if err != nil {
			return row{}, corrupt(r.key, err)
		}
		*to = n
	}
	r.parts = int(parts)
	return r, nil
}

// item unpacks the body, which for a row with parts is what these hold together.
func (r row) item(packed []byte) (store.Item, error) {
	body, err := pack.Decode(packed, store.MaxBody)
	if err != nil {
		return store.Item{}, corrupt(r.key, err)
	}
	i := store.Item{Key: r.key, Rev: r.rev, Body: body}
	if r.expire != 0 {
		i.Expire = time.Unix(r.expire, 0).UTC()
	}
	return i, nil
}

// ErrCorrupt says that an item is not one that this package wrote: reading it again is of no use.
var ErrCorrupt = errors.New("the item cannot be read")

func corrupt(k store.Key, cause error) error {
	return fmt.Errorf("%s/%s: %w: %w", k.Part, k.Sort, ErrCorrupt, cause)
}

// partKey is where part n of a body lives. The zero byte keeps these partitions apart from all
// others, because a part of the port's keys holds none.
func partKey(k store.Key, token string, n int) store.Key {
	return store.Key{Part: k.Part + "\x00parts", Sort: fmt.Sprintf("%s~%s~%02d", k.Sort, hex.EncodeToString([]byte(token)), n)}
}

// size is what the row is billed by.
func (r row) size() int {
	n := 1 + len(r.key.Part) + 1 + len(r.key.Sort) + 1 + 3 + 1 + len(r.token) + 1 + len(r.packed)
	if r.expire != 0 {
		n += 1 + 6
	}
	if r.parts != 0 {
		n += 1 + 2
	}
	return n
}
