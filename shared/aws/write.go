package aws

import (
	"context"
	"encoding/binary"
	"errors"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/pack"
	"github.com/segue-workflows/segue/shared/store"
)

// Put lands the write. Errors as the port says.
func (s *Store) Put(ctx context.Context, w store.Write) error {
	if err := store.Check(w); err != nil {
		return err
	}
	if w.Body == nil {
		return storeError(s.delete(ctx, w))
	}
	r, err := s.prepare(ctx, w, inlineMost)
	if err != nil {
		return storeError(err)
	}
	old, err := s.update(ctx, w, r)
	if err == nil {
		s.removeParts(ctx, old)
		return nil
	}
	if errors.Is(err, store.ErrGuard) || errors.Is(err, store.ErrThrottled) {
		s.removeParts(ctx, r) // only when it is certain that nobody references them
	}
	return storeError(err)
}

// prepare makes the row of a write, its parts written.
func (s *Store) prepare(ctx context.Context, w store.Write, inline int) (row, error) {
	r := row{key: w.Key, token: string(binary.LittleEndian.AppendUint64(nil, s.random()))}
	if expire := store.ExpirySecond(w.Expire); !expire.IsZero() {
		r.expire = expire.Unix()
	}
	packed := pack.Encode(w.Body)
	if len(packed) <= inline {
		r.packed = packed
		return r, nil
	}
	return s.writeParts(ctx, r, packed)
}

// update writes the guarded row and returns the one that it replaced, as far as parts go.
func (s *Store) update(ctx context.Context, w store.Write, r row) (old row, err error) {
	e := expressionOf(w, r)
	in := &dynamodb.UpdateItemInput{
		TableName: &s.table, Key: keyOf(r.key), UpdateExpression: &e.update, ConditionExpression: &e.condition, ExpressionAttributeValues: e.values,
		ReturnConsumedCapacity:              types.ReturnConsumedCapacityTotal,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if rev, asked := w.If.Rev(); !asked || rev != 0 {
		in.ReturnValues = types.ReturnValueUpdatedOld
	}
	err = s.repeat.do(ctx, func(maybeDone bool) error {
		out, err := s.client.UpdateItem(ctx, in, once)
		if err == nil {
			s.countWrite(out.ConsumedCapacity)
			old, err = parseRow(out.Attributes)
			old.key = r.key
			return nil
		}
		return s.resolve(err, w, r, maybeDone)
	})
	return old, err
}

// delete removes the item under its guard, and then its parts.
func (s *Store) delete(ctx context.Context, w store.Write) error {
	r := row{key: w.Key}
	in := &dynamodb.DeleteItemInput{
		TableName: &s.table, Key: keyOf(w.Key), ReturnValues: types.ReturnValueAllOld,
		ReturnConsumedCapacity:              types.ReturnConsumedCapacityTotal,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	if e := expressionOf(w, r); e.condition != "" {
		in.ConditionExpression, in.ExpressionAttributeValues = &e.condition, e.conditionValues()
	}
	return s.repeat.do(ctx, func(maybeDone bool) error {
		out, err := s.client.DeleteItem(ctx, in, once)
		if err != nil {
			return s.resolve(err, w, r, maybeDone)
		}
		s.countWrite(out.ConsumedCapacity)
		old, err := parseRow(out.Attributes)
		if err == nil && out.Attributes != nil {
			s.removeParts(ctx, old)
		}
		return nil
	})
}

// resolve turns a failed condition into a verdict. When an earlier try may have landed, the item
// that is there tells: our token means that it did, and an item that others have moved on past the
// revision that we would have made means that nobody can know.
func (s *Store) resolve(err error, w store.Write, r row, maybeDone bool) error {
	var failed *types.ConditionalCheckFailedException
	if !errors.As(err, &failed) {
		return err
	}
	there, err := parseRow(failed.Item)
	if err != nil {
		return unavailable(err)
	}
	s.meter.Call()
	s.meter.Refuse(meter.WriteUnits(there.size(), r.size()))
	rev, asked := w.If.Rev()
	switch {
	case w.Body != nil && there.token == r.token:
		return nil
	case !maybeDone:
		return lost(w.Key, there)
	case w.Body == nil && there.rev == 0:
		return nil // deleted, by us or by someone who wanted the same
	case w.Body != nil && asked && 0 < there.rev && there.rev <= rev+1:
		return lost(w.Key, there) // the revision that would be ours is someone else's, or not reached
	default:
		return store.ErrUnavailable
	}
}

// lost returns the error of a write that found the row. A body in parts would have to be read.
func lost(key store.Key, there row) error {
	if there.rev == 0 {
		return store.Conflict(store.Item{Key: key})
	}
	if there.parts > 0 {
		return store.ErrGuard
	}
	item, err := there.item(there.packed)
	if err != nil {
		return store.ErrGuard // whoever reads it is told why
	}
	return store.Conflict(item)
}

// expression is a guarded write in the language of the table.
type expression struct {
	update, condition string
	values            attributes
}

func expressionOf(w store.Write, r row) expression {
	e := expression{values: attributes{}}
	set, remove := []string{"r = if_not_exists(r, :zero) + :one"}, []string{}
	e.values[":zero"], e.values[":one"] = numberValue(0), numberValue(1)
	put := func(name string, there bool, value func() types.AttributeValue) {
		if !there {
			remove = append(remove, name)
			return
		}
		set = append(set, name+" = :"+name)
		e.values[":"+name] = value()
	}
	put(attrToken, true, func() types.AttributeValue { return bytesValue([]byte(r.token)) })
	put(attrBody, r.parts == 0, func() types.AttributeValue { return bytesValue(r.packed) })
	put(attrParts, r.parts > 0, func() types.AttributeValue { return numberValue(int64(r.parts)) })
	put(attrExpire, r.expire != 0, func() types.AttributeValue { return numberValue(r.expire) })
	e.update = "SET " + strings.Join(set, ", ")
	if len(remove) > 0 {
		e.update += " REMOVE " + strings.Join(remove, ", ")
	}
	switch rev, asked := w.If.Rev(); {
	case asked && rev == 0:
		e.condition = "attribute_not_exists(p)"
	case asked:
		e.condition = "r = :rev"
		e.values[":rev"] = numberValue(rev)
	case w.Body != nil:
		// Any lands wherever its own first try has not landed already.
		e.condition = "attribute_not_exists(p) OR t <> :t"
	}
	return e
}

// conditionValues returns the values that the condition of a delete uses.
func (e expression) conditionValues() attributes {
	if rev, ok := e.values[":rev"]; ok {
		return attributes{":rev": rev}
	}
	return nil
}

// orNil is for requests that take no empty text.
func orNil(s string) *string {
	if s == "" {
		return nil
	}
	return sdk.String(s)
}
