package embedded

import (
	"encoding/binary"
	"errors"
	"time"

	"github.com/segue-workflows/segue/shared/store"
)

// First bytes of the keys.
const (
	itemSpace   = 'i'
	expirySpace = 'x'
	changeSpace = 'c'
)

// valueVersion is the first byte of every stored item.
const valueVersion = 1

var errCorrupt = errors.New("embedded: a stored record cannot be read")

// itemKey relies on store.Check: a part holds no zero byte.
func itemKey(part, sort string) []byte {
	k := make([]byte, 0, len(part)+len(sort)+2)
	k = append(k, itemSpace)
	k = append(k, part...)
	k = append(k, 0)
	return append(k, sort...)
}

// partEnd is the first key after all items of the part.
func partEnd(part string) []byte {
	k := itemKey(part, "")
	k[len(k)-1] = 1
	return k
}

func expiryKey(at time.Time, item []byte) []byte {
	k := binary.BigEndian.AppendUint64([]byte{expirySpace}, uint64(at.Unix()))
	return append(k, item...)
}

func changeKey(number uint64) []byte {
	return binary.BigEndian.AppendUint64([]byte{changeSpace}, number)
}

// splitItemKey is the inverse of itemKey.
func splitItemKey(k []byte) (store.Key, error) {
	if len(k) > 1 && k[0] == itemSpace {
		for i, b := range k {
			if b == 0 {
				return store.Key{Part: string(k[1:i]), Sort: string(k[i+1:])}, nil
			}
		}
	}
	return store.Key{}, errCorrupt
}

// encode writes what is not in the key: revision, expiry in seconds (0: never), body.
func encode(i store.Item) []byte {
	v := make([]byte, 0, 1+2*binary.MaxVarintLen64+len(i.Body))
	v = append(v, valueVersion)
	v = binary.AppendUvarint(v, uint64(i.Rev))
	var expire uint64
	if !i.Expire.IsZero() {
		expire = uint64(i.Expire.Unix())
	}
	v = binary.AppendUvarint(v, expire)
	return append(v, i.Body...)
}

// decode is the inverse of encode. The body is a part of v.
func decode(key store.Key, v []byte) (store.Item, error) {
	if len(v) == 0 || v[0] != valueVersion {
		return store.Item{}, errCorrupt
	}
	rev, n := binary.Uvarint(v[1:])
	if n <= 0 {
		return store.Item{}, errCorrupt
	}
	v = v[1+n:]
	expire, n := binary.Uvarint(v)
	if n <= 0 {
		return store.Item{}, errCorrupt
	}
	item := store.Item{Key: key, Rev: int64(rev), Body: v[n:len(v):len(v)]}
	if expire != 0 {
		item.Expire = time.Unix(int64(expire), 0).UTC()
	}
	return item, nil
}
