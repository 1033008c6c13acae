package aws

import (
	"context"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/store"
)

// inlineTogether is the room for each item of a transaction, which has at most 4 MB.
const inlineTogether = 4 << 20 / store.MaxPutAll * 3 / 4

// PutAll lands all writes or none, as one transaction. Errors as the port says.
func (s *Store) PutAll(ctx context.Context, ws ...store.Write) error {
	if err := store.CheckAll(ws); err != nil {
		return err
	}
	rows := make([]row, len(ws))
	var err error
	for i, w := range ws {
		rows[i] = row{key: w.Key}
		if w.Body == nil {
			continue
		}
		if rows[i], err = s.prepare(ctx, w, inlineTogether); err != nil {
			break
		}
	}
	if err == nil {
		err = s.transact(ctx, ws, rows)
	}
	if err != nil && !errors.Is(err, store.ErrUnavailable) {
		for _, r := range rows {
			s.removeParts(ctx, r)
		}
	}
	return storeError(err)
}

// transact repeats the transaction under one client token, so that a lost answer is answered again.
func (s *Store) transact(ctx context.Context, ws []store.Write, rows []row) error {
	in := &dynamodb.TransactWriteItemsInput{}
	units := 0 // by our own count: DynamoDB Local reports twice what the service bills
	for i, w := range ws {
		in.TransactItems = append(in.TransactItems, s.transactItem(w, rows[i]))
		units += meter.TransactionUnits(0, rows[i].size())
	}
	return s.repeat.do(ctx, func(maybeDone bool) error {
		if !maybeDone { // a cancelled transaction was not done, so the next try is a new one
			token := fmt.Sprintf("%016x%016x", s.random(), s.random())
			in.ClientRequestToken = &token
		}
		_, err := s.client.TransactWriteItems(ctx, in, once)
		if err == nil {
			s.meter.Call()
			s.meter.Write(units)
			return nil
		}
		return s.cancelled(err, units)
	})
}

// cancelled tells a transaction whose guards failed from one that others got in the way of.
func (s *Store) cancelled(err error, units int) error {
	var c *types.TransactionCanceledException
	if !errors.As(err, &c) {
		return err
	}
	conflict := false
	for _, reason := range c.CancellationReasons {
		if reason.Code == nil {
			continue
		}
		switch *reason.Code {
		case "ConditionalCheckFailed":
			s.meter.Call()
			s.meter.Refuse(units)
			return store.ErrGuard
		case "TransactionConflict", "ThrottlingError", "ProvisionedThroughputExceeded", "RequestLimitExceeded":
			conflict = true
		}
	}
	if conflict {
		return &types.TransactionConflictException{Message: c.Message}
	}
	return err
}

func (s *Store) transactItem(w store.Write, r row) types.TransactWriteItem {
	e := expressionOf(w, r)
	if w.Body == nil {
		return types.TransactWriteItem{Delete: &types.Delete{
			TableName: &s.table, Key: keyOf(w.Key), ConditionExpression: orNil(e.condition), ExpressionAttributeValues: e.conditionValues(),
		}}
	}
	return types.TransactWriteItem{Update: &types.Update{
		TableName: &s.table, Key: keyOf(w.Key), UpdateExpression: &e.update, ConditionExpression: orNil(e.condition), ExpressionAttributeValues: e.values,
	}}
}
