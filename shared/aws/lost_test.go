package aws

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// TestASpanOfAStream reads a shard with the records 90 to 120, three in a page, some pages empty.
func TestASpanOfAStream(t *testing.T) {
	for name, row := range map[string]struct{ from, to, fault, got string }{
		"within a page":      {from: "96", to: "97", got: "96 97"},
		"over pages":         {from: "98", to: "103", got: "98 99 100 101 102 103"},
		"the end of a shard": {from: "119", to: "200", got: "119 120"},
		"trimmed":            {from: "1", to: "2", fault: "TrimmedDataAccessException"},
		"an old shard":       {from: "1", to: "2", fault: "ResourceNotFoundException"},
	} {
		next, reads := 0, 0
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			if row.fault != "" {
				w.WriteHeader(http.StatusBadRequest)
				_, _ = fmt.Fprintf(w, `{"__type": %q}`, row.fault)
				return
			}
			if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetShardIterator") {
				var in struct{ ShardIteratorType, SequenceNumber, ShardId string }
				if json.NewDecoder(r.Body).Decode(&in) != nil || in.ShardIteratorType != "AT_SEQUENCE_NUMBER" || in.ShardId != "shard" {
					t.Errorf("%s: asked for %+v", name, in)
				}
				_, _ = fmt.Sscan(in.SequenceNumber, &next)
				_, _ = fmt.Fprint(w, `{"ShardIterator": "i"}`)
				return
			}
			var records []string
			if reads++; reads != 2 {
				for ; len(records) < 3 && next <= 120; next++ {
					records = append(records, fmt.Sprintf(`{"dynamodb": {"SequenceNumber": "%d"}}`, next))
				}
			}
			iterator := `"i"`
			if next > 120 {
				iterator = "null"
			}
			_, _ = fmt.Fprintf(w, `{"NextShardIterator": %s, "Records": [%s]}`, iterator, strings.Join(records, ","))
		}))
		client := dynamodbstreams.New(dynamodbstreams.Options{Region: "eu-west-1", BaseEndpoint: &server.URL,
			Credentials: credentials.NewStaticCredentialsProvider("k", "s", ""), RetryMaxAttempts: 1})
		var got []string
		err := Records(t.Context(), client, Span{Stream: "arn", Shard: "shard", From: row.from, To: row.to}, func(page []types.Record) error {
			for _, r := range page {
				got = append(got, *r.Dynamodb.SequenceNumber)
			}
			return nil
		})
		if errors.Is(err, ErrTrimmed) != (row.fault != "") || strings.Join(got, " ") != row.got || row.fault == "" && err != nil {
			t.Errorf("%s: %v, %v", name, got, err)
		}
		if row.got != "" && row.to != "200" && reads > 3 {
			t.Errorf("%s: %d reads", name, reads)
		}
		server.Close()
	}
}
