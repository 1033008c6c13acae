package aws

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/segue-workflows/segue/shared/store"
)

// cleanupTime bounds the removal of parts that nobody references: it goes on when the caller's
// context has ended, because there is no second chance.
const cleanupTime = 2 * time.Second

// outlive is by how many seconds parts outlive their item: the table removes what has expired in no
// order and days late, and a part must not go before the item that references it.
const outlive = 14 * 24 * 3600

// load returns the item of a row. A body in parts is read whole; when a part is missing the
// item was replaced meanwhile, so the row is read again.
func (s *Store) load(ctx context.Context, r row) (store.Item, error) {
	for try := 0; r.parts > 0; try++ {
		packed, whole, err := s.readParts(ctx, r)
		if err != nil {
			return store.Item{}, err
		}
		if whole {
			return r.item(packed)
		}
		if try == partReads {
			return store.Item{}, fmt.Errorf("%w: the body of %s/%s is replaced faster than it can be read", store.ErrThrottled, r.key.Part, r.key.Sort)
		}
		again := map[store.Key]row{}
		if err := s.getOne(ctx, store.Fresh, r.key, again); err != nil {
			return store.Item{}, err
		}
		newer, ok := again[r.key]
		if !ok {
			return store.Item{Key: r.key}, nil
		}
		r = newer
	}
	return r.item(r.packed)
}

// readParts reads freshly: a row that a stale read found may be newer than what it would find of the parts.
func (s *Store) readParts(ctx context.Context, r row) (packed []byte, whole bool, err error) {
	keys := make([]store.Key, r.parts)
	for i := range keys {
		keys[i] = partKey(r.key, r.token, i)
	}
	rows := make(map[store.Key]row, len(keys))
	if err := s.getMany(ctx, store.Fresh, keys, rows); err != nil {
		return nil, false, err
	}
	for _, key := range keys {
		part, ok := rows[key]
		if !ok {
			return nil, false, nil
		}
		packed = append(packed, part.packed...)
	}
	return packed, true, nil
}

// writeParts splits the packed body and writes the parts, which nobody can see yet.
func (s *Store) writeParts(ctx context.Context, r row, packed []byte) (row, error) {
	for len(packed) > 0 {
		n := min(len(packed), inlineMost)
		part := row{key: partKey(r.key, r.token, r.parts), packed: packed[:n]}
		if r.expire != 0 {
			part.expire = r.expire + outlive
		}
		r.parts++ // counted before it is there, so that a failure removes it too
		if err := s.putPart(ctx, part); err != nil {
			s.removeParts(ctx, r)
			return r, err
		}
		packed = packed[n:]
	}
	return r, nil
}

func (s *Store) putPart(ctx context.Context, part row) error {
	item := keyOf(part.key)
	item[attrBody] = bytesValue(part.packed)
	if part.expire != 0 {
		item[attrExpire] = numberValue(part.expire)
	}
	return s.repeat.do(ctx, func(bool) error {
		out, err := s.client.PutItem(ctx, &dynamodb.PutItemInput{
			TableName: &s.table, Item: item, ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		}, once)
		if err == nil {
			s.countWrite(out.ConsumedCapacity)
		}
		return err
	})
}

// removeParts removes the parts of a row that is not referenced or no longer. What it cannot remove stays, unseen.
func (s *Store) removeParts(ctx context.Context, r row) {
	if r.parts == 0 {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), cleanupTime)
	defer cancel()
	for i := range r.parts {
		_ = s.repeat.do(ctx, func(bool) error {
			out, err := s.client.DeleteItem(ctx, &dynamodb.DeleteItemInput{
				TableName: &s.table, Key: keyOf(partKey(r.key, r.token, i)), ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
			}, once)
			if err == nil {
				s.countWrite(out.ConsumedCapacity)
			}
			return err
		})
	}
}
