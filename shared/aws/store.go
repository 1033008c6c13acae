package aws

import (
	"context"
	"fmt"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/store"
)

const (
	getBatch   = 100
	partReads  = 5         // how often a body is looked for whose parts are being replaced
	afterThis  = "\x00"    // appended to a sort key: the smallest one after it
	inlineMost = 350 << 10 // packed bytes that an item of its own holds
)

// Store is a store.Store on a DynamoDB table.
type Store struct {
	client *dynamodb.Client
	table  string
	repeat repeater
	random func() uint64
	meter  *meter.Meter
}

// NewStore returns the store on the table. random makes write tokens and jitter: any number of
// goroutines may call it, and two processes must not draw the same numbers.
func NewStore(client *dynamodb.Client, table string, random func() uint64) *Store {
	return &Store{client: client, table: table, random: random, repeat: repeater{random}}
}

// Count makes the store count on m what it is billed. Call it before the first use.
func (s *Store) Count(m *meter.Meter) { s.meter = m }

// Get returns the items of the keys. It fails with ErrThrottled or ErrUnavailable.
func (s *Store) Get(ctx context.Context, how store.Read, keys ...store.Key) ([]store.Item, error) {
	rows := make(map[store.Key]row, len(keys))
	var err error
	if len(keys) == 1 {
		err = s.getOne(ctx, how, keys[0], rows)
	} else {
		err = s.getMany(ctx, how, keys, rows)
	}
	if err != nil {
		return nil, storeError(err)
	}
	items := make([]store.Item, len(keys))
	for i, key := range keys {
		r, ok := rows[key]
		if !ok {
			items[i].Key = key
			continue
		}
		if items[i], err = s.load(ctx, r); err != nil {
			return nil, storeError(err)
		}
	}
	return items, nil
}

func (s *Store) getOne(ctx context.Context, how store.Read, key store.Key, rows map[store.Key]row) error {
	var out *dynamodb.GetItemOutput
	err := s.repeat.do(ctx, func(bool) (err error) {
		out, err = s.client.GetItem(ctx, &dynamodb.GetItemInput{
			TableName: &s.table, Key: keyOf(key), ConsistentRead: sdk.Bool(how == store.Fresh),
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		}, once)
		return err
	})
	if err != nil {
		return err
	}
	s.countRead(out.ConsumedCapacity)
	if out.Item == nil {
		return nil
	}
	rows[key], err = parseRow(out.Item)
	return err
}

// getMany asks for each key once, in hundreds, until nothing is left unprocessed.
func (s *Store) getMany(ctx context.Context, how store.Read, keys []store.Key, rows map[store.Key]row) error {
	asked := make(map[store.Key]bool, len(keys))
	var open []attributes
	for _, key := range keys {
		if !asked[key] {
			asked[key] = true
			open = append(open, keyOf(key))
		}
	}
	for try := 0; len(open) > 0; {
		n := min(len(open), getBatch)
		found, left, err := s.getBatch(ctx, how, open[:n])
		if err != nil {
			return err
		}
		for _, a := range found {
			r, err := parseRow(a)
			if err != nil {
				return err
			}
			rows[r.key] = r
		}
		open = append(open[n:], left...)
		if try++; len(left) < n {
			try = 0 // it moves on
		}
		if len(left) > 0 && (try >= tries || s.repeat.pause(ctx, try) != nil) {
			return fmt.Errorf("%w: the table leaves keys of a batch unread", store.ErrThrottled)
		}
	}
	return nil
}

func (s *Store) getBatch(ctx context.Context, how store.Read, keys []attributes) (found, left []attributes, err error) {
	var out *dynamodb.BatchGetItemOutput
	err = s.repeat.do(ctx, func(bool) (err error) {
		out, err = s.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems:           map[string]types.KeysAndAttributes{s.table: {Keys: keys, ConsistentRead: sdk.Bool(how == store.Fresh)}},
			ReturnConsumedCapacity: types.ReturnConsumedCapacityTotal,
		}, once)
		return err
	})
	if err != nil {
		return nil, nil, err
	}
	for i := range out.ConsumedCapacity {
		s.countRead(&out.ConsumedCapacity[i])
	}
	return out.Responses[s.table], out.UnprocessedKeys[s.table].Keys, nil
}

// List returns a page of the range. It fails with ErrThrottled or ErrUnavailable.
func (s *Store) List(ctx context.Context, r store.Range) ([]store.Item, string, error) {
	if r.To != "" && r.From >= r.To {
		return nil, "", nil
	}
	in := s.query(r)
	var items []store.Item
	page := store.Page{Limit: r.Limit}
	for {
		in.Limit = sdk.Int32(int32(page.Room()))
		out, err := s.queryPage(ctx, in)
		if err != nil {
			return nil, "", storeError(err)
		}
		for _, a := range out.Items {
			found, err := parseRow(a)
			if err != nil {
				return nil, "", storeError(err)
			}
			if found.key.Sort == r.To {
				return items, "", nil // the bound that a key condition cannot exclude
			}
			if page.Full() {
				return items, after(items, r), nil
			}
			item, err := s.load(ctx, found)
			if err != nil {
				return nil, "", storeError(err)
			}
			if item.Rev == 0 {
				continue // a large body that was deleted while its parts were read
			}
			items = append(items, item)
			page.Add(item)
		}
		if in.ExclusiveStartKey = out.LastEvaluatedKey; in.ExclusiveStartKey == nil {
			return items, "", nil
		}
		if page.Full() {
			return items, after(items, r), nil
		}
	}
}

func after(items []store.Item, r store.Range) string {
	last := items[len(items)-1].Sort
	if r.Reverse {
		return last
	}
	return last + afterThis
}

// query makes the request. A key condition takes one test of the sort key, so To is either where a
// reverse query starts or an inclusive bound whose own item List leaves out.
func (s *Store) query(r store.Range) *dynamodb.QueryInput {
	in := &dynamodb.QueryInput{
		TableName: &s.table, ConsistentRead: sdk.Bool(r.Read == store.Fresh), ScanIndexForward: sdk.Bool(!r.Reverse),
		ReturnConsumedCapacity:    types.ReturnConsumedCapacityTotal,
		KeyConditionExpression:    sdk.String("p = :p"),
		ExpressionAttributeValues: attributes{":p": textValue(r.Part)},
	}
	test := ""
	switch {
	case r.From != "" && r.To != "" && !r.Reverse:
		test = " AND s BETWEEN :from AND :to"
	case r.From != "":
		test = " AND s >= :from"
	case r.To != "" && !r.Reverse:
		test = " AND s < :to"
	}
	in.KeyConditionExpression = sdk.String("p = :p" + test)
	if r.From != "" {
		in.ExpressionAttributeValues[":from"] = textValue(r.From)
	}
	switch {
	case r.To != "" && r.Reverse:
		in.ExclusiveStartKey = keyOf(store.Key{Part: r.Part, Sort: r.To})
	case r.To != "":
		in.ExpressionAttributeValues[":to"] = textValue(r.To)
	}
	return in
}

func (s *Store) queryPage(ctx context.Context, in *dynamodb.QueryInput) (out *dynamodb.QueryOutput, err error) {
	err = s.repeat.do(ctx, func(bool) (err error) {
		out, err = s.client.Query(ctx, in, once)
		return err
	})
	if err == nil {
		s.countRead(out.ConsumedCapacity)
	}
	return out, err
}

// once switches the SDK's own retries off: ours know what may have been done.
func once(o *dynamodb.Options) { o.Retryer = sdk.NopRetryer{} }

func (s *Store) countRead(c *types.ConsumedCapacity) {
	s.meter.Call()
	if c != nil && c.CapacityUnits != nil {
		s.meter.Read(int(2 * *c.CapacityUnits))
	}
}

func (s *Store) countWrite(c *types.ConsumedCapacity) {
	s.meter.Call()
	if c != nil && c.CapacityUnits != nil {
		s.meter.Write(int(*c.CapacityUnits))
	}
}
