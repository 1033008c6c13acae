package host

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams/types"
)

// TestAShardIsReadOnFromWhereItWas reads a shard whose iterator dies once: an iterator is asked for only then, from the
// last record that was taken, so that none is left out or comes twice.
func TestAShardIsReadOnFromWhereItWas(t *testing.T) {
	t.Parallel()
	var places []string
	reads := 0
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".GetShardIterator") {
			var in struct{ ShardIteratorType, SequenceNumber string }
			_ = json.NewDecoder(r.Body).Decode(&in)
			places = append(places, strings.TrimSpace(in.ShardIteratorType+" "+in.SequenceNumber))
			_, _ = fmt.Fprint(w, `{"ShardIterator": "i"}`)
			return
		}
		reads++
		if reads == 3 {
			w.WriteHeader(http.StatusBadRequest)
			_, _ = fmt.Fprint(w, `{"__type": "ExpiredIteratorException"}`)
			return
		}
		_, _ = fmt.Fprintf(w, `{"NextShardIterator": "i", "Records": [{"dynamodb": {"SequenceNumber": "%d"}}]}`, reads)
	}))
	defer server.Close()
	h := &Host{changes: dynamodbstreams.New(dynamodbstreams.Options{
		Region: region, BaseEndpoint: &server.URL, Credentials: credentials.NewStaticCredentialsProvider(key, key, ""), RetryMaxAttempts: 1,
	})}
	s := (&stream{host: h, arn: "stream", batch: 100, window: time.Hour, from: types.ShardIteratorTypeTrimHorizon}).shard("shard")
	for range 5 {
		page, err := s.page(t.Context())
		if err != nil {
			continue
		}
		for _, record := range page.Records {
			s.take(t.Context(), record)
		}
	}
	var taken []string
	for _, r := range s.batch {
		taken = append(taken, r.Change.SequenceNumber)
	}
	if want := []string{"1", "2", "4", "5"}; !slices.Equal(taken, want) {
		t.Errorf("the records %v were taken; want %v", taken, want)
	}
	if want := []string{"TRIM_HORIZON", "AFTER_SEQUENCE_NUMBER 2"}; !slices.Equal(places, want) {
		t.Errorf("iterators were asked for at %q; want %q", places, want)
	}
	if s.next == nil || aws.ToString(s.next) != "i" {
		t.Error("the iterator of the last read is not kept")
	}
}
