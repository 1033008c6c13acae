package aws

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"github.com/segue-workflows/segue/shared/queue"
	"github.com/segue-workflows/segue/shared/store"
)

// script answers requests in turn; the last answer is repeated. An empty answer is a broken connection.
type script struct {
	mu      sync.Mutex
	answers []string
	asked   []string // target and body of each request
}

func (s *script) RoundTrip(r *http.Request) (*http.Response, error) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	_, operation, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	s.asked = append(s.asked, operation+" "+string(body))
	answer := s.answers[min(len(s.asked), len(s.answers))-1]
	if answer == "" {
		return nil, errors.New("connection reset")
	}
	status := http.StatusOK
	if strings.Contains(answer, "__type") {
		status = http.StatusBadRequest
	}
	if strings.Contains(answer, "InternalServerError") {
		status = http.StatusInternalServerError
	}
	return &http.Response{StatusCode: status, Header: http.Header{}, Body: io.NopCloser(strings.NewReader(answer)), Request: r}, nil
}

func scripted(answers ...string) (*Store, *script) {
	s := &script{answers: answers}
	endpoint := "http://table.test"
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		HTTPClient: &http.Client{Transport: s}, DisableValidateResponseChecksum: true,
	})
	return NewStore(client, "table", func() uint64 { return 0x1122334455667788 }), s
}

const (
	done     = `{}`
	throttle = `{"__type":"com.amazonaws.dynamodb.v20120810#ProvisionedThroughputExceededException","message":"slow down"}`
	broken   = `{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"sorry"}`
	denied   = `{"__type":"com.amazonaws.dynamodb.v20120810#AccessDeniedException","message":"no"}`
	conflict = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"x","CancellationReasons":[{"Code":"None"},{"Code":"TransactionConflict"}]}`
	guard    = `{"__type":"com.amazonaws.dynamodb.v20120810#TransactionCanceledException","message":"x","CancellationReasons":[{"Code":"TransactionConflict"},{"Code":"ConditionalCheckFailed"}]}`
	nobody   = `{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"x"}`
)

// refused is a failed condition on an item of that revision and token.
func refused(rev int, token string) string {
	return fmt.Sprintf(`{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"x","Item":{"p":{"S":"p"},"s":{"S":"s"},"r":{"N":"%d"},"t":{"B":"%s"}}}`, rev, token)
}

const (
	ours   = "iHdmVUQzIhE=" // what the scripted random source makes
	theirs = "AAAAAAAAAAA="
)

func TestVerdictOfAPut(t *testing.T) {
	for _, tt := range []struct {
		name    string
		guard   store.Guard
		remove  bool
		answers []string
		want    error
		asked   int
	}{
		{"throttled, then done", store.Absent, false, []string{throttle, throttle, done}, nil, 3},
		{"throttled for good", store.Absent, false, []string{throttle}, store.ErrThrottled, tries},
		{"broken for good", store.Absent, false, []string{broken}, store.ErrUnavailable, tries},
		{"broken, then throttled for good", store.Absent, false, []string{broken, throttle}, store.ErrUnavailable, tries},
		{"not allowed", store.Absent, false, []string{denied}, store.ErrUnavailable, 1},
		{"guard fails", store.At(3), false, []string{refused(4, theirs)}, store.ErrGuard, 1},
		{"guard fails after a throttle", store.At(3), false, []string{throttle, refused(9, theirs)}, store.ErrGuard, 2},
		{"answer lost, had landed", store.At(3), false, []string{"", refused(4, ours)}, nil, 2},
		{"answer lost, someone else was first", store.At(3), false, []string{"", refused(4, theirs)}, store.ErrGuard, 2},
		{"answer lost, guard had failed anyway", store.At(3), false, []string{broken, refused(2, theirs)}, store.ErrGuard, 2},
		{"answer lost, then others wrote on", store.At(3), false, []string{"", refused(5, theirs)}, store.ErrUnavailable, 2},
		{"answer lost, then others removed it", store.At(3), false, []string{"", nobody}, store.ErrUnavailable, 2},
		{"answer lost, absent, someone else was first", store.Absent, false, []string{"", refused(1, theirs)}, store.ErrGuard, 2},
		{"answer lost, any, had landed", store.Any, false, []string{"", refused(7, ours)}, nil, 2},
		{"removal, guard fails", store.At(3), true, []string{nobody}, store.ErrGuard, 1},
		{"removal, answer lost", store.At(3), true, []string{"", nobody}, nil, 2},
		{"removal, answer lost, made anew", store.At(3), true, []string{"", refused(1, theirs)}, store.ErrUnavailable, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, asked := scripted(tt.answers...)
				w := store.Write{Item: store.Item{Key: store.Key{Part: "p", Sort: "s"}, Body: []byte("x")}, If: tt.guard}
				if tt.remove {
					w.Body = nil
				}
				if err := s.Put(context.Background(), w); !errors.Is(err, tt.want) || len(asked.asked) != tt.asked {
					t.Errorf("%d requests, %v; want %d, %v", len(asked.asked), err, tt.asked, tt.want)
				}
			})
		})
	}
}

func TestVerdictOfATransaction(t *testing.T) {
	for _, tt := range []struct {
		name    string
		answers []string
		want    error
		asked   int
	}{
		{"conflicts, then done", []string{conflict, conflict, done}, nil, 3},
		{"conflicts for good", []string{conflict}, store.ErrThrottled, tries},
		{"a guard fails beside a conflict", []string{guard}, store.ErrGuard, 1},
		{"answer lost", []string{"", done}, nil, 2},
	} {
		t.Run(tt.name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				s, asked := scripted(tt.answers...)
				a := store.Write{Item: store.Item{Key: store.Key{Part: "p", Sort: "a"}, Body: []byte("x")}, If: store.Absent}
				b := store.Write{Item: store.Item{Key: store.Key{Part: "p", Sort: "b"}, Body: []byte("x")}, If: store.At(2)}
				if err := s.PutAll(context.Background(), a, b); !errors.Is(err, tt.want) || len(asked.asked) != tt.asked {
					t.Errorf("%d requests, %v; want %d, %v", len(asked.asked), err, tt.asked, tt.want)
				}
			})
		})
	}
}

func TestDeadlineIsRespected(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s, _ := scripted(throttle)
		begin := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), 300*time.Millisecond)
		defer cancel()
		err := s.Put(ctx, store.Write{Item: store.Item{Key: store.Key{Part: "p", Sort: "s"}, Body: []byte("x")}})
		if !errors.Is(err, store.ErrThrottled) || time.Since(begin) > 300*time.Millisecond {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
	})
}

func TestUnprocessedKeysAreAskedAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		item := func(s string) string {
			return fmt.Sprintf(`{"p":{"S":"p"},"s":{"S":"%s"},"r":{"N":"1"},"b":{"B":"AHg="}}`, s)
		}
		s, asked := scripted(
			`{"Responses":{"table":[`+item("a")+`]},"UnprocessedKeys":{"table":{"Keys":[{"p":{"S":"p"},"s":{"S":"b"}}]}}}`,
			`{"Responses":{"table":[`+item("b")+`]}}`)
		items, err := s.Get(context.Background(), store.Fresh, store.Key{Part: "p", Sort: "b"}, store.Key{Part: "p", Sort: "a"})
		if err != nil || len(asked.asked) != 2 || items[0].Sort != "b" || string(items[0].Body) != "x" || items[1].Rev != 1 {
			t.Errorf("%v, %v after %d requests", items, err, len(asked.asked))
		}
		s, asked = scripted(`{"UnprocessedKeys":{"table":{"Keys":[{"p":{"S":"p"},"s":{"S":"a"}},{"p":{"S":"p"},"s":{"S":"b"}}]}}}`)
		if _, err := s.Get(context.Background(), store.Fresh, store.Key{Part: "p", Sort: "b"}, store.Key{Part: "p", Sort: "a"}); !errors.Is(err, store.ErrThrottled) {
			t.Errorf("never processed: %v after %d requests", err, len(asked.asked))
		}
	})
}

// TestBodyThatIsReplacedWhileItIsReadIsReadAnew lets a part vanish between the item and its parts.
func TestBodyThatIsReplacedWhileItIsReadIsReadAnew(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		parted := `{"Item":{"p":{"S":"p"},"s":{"S":"s"},"r":{"N":"1"},"n":{"N":"2"},"t":{"B":"` + theirs + `"}}}`
		onePart := `{"Responses":{"table":[{"p":{"S":"p\u0000parts"},"s":{"S":"s~0000000000000000~00"},"b":{"B":"AHg="}}]}}`
		newer := `{"Item":{"p":{"S":"p"},"s":{"S":"s"},"r":{"N":"2"},"b":{"B":"AHg="},"t":{"B":"` + ours + `"}}}`
		s, asked := scripted(parted, onePart, newer)
		items, err := s.Get(context.Background(), store.Stale, store.Key{Part: "p", Sort: "s"})
		if err != nil || items[0].Rev != 2 || string(items[0].Body) != "x" || len(asked.asked) != 3 {
			t.Errorf("%v, %v after %d requests", items, err, len(asked.asked))
		}
		s, _ = scripted(parted, onePart, done)
		if items, err = s.Get(context.Background(), store.Fresh, store.Key{Part: "p", Sort: "s"}); err != nil || items[0].Rev != 0 {
			t.Errorf("removed meanwhile: %v, %v", items, err)
		}
		s, _ = scripted(parted, onePart, parted, onePart, parted, onePart, parted, onePart, parted, onePart, parted, onePart, parted)
		if _, err = s.Get(context.Background(), store.Fresh, store.Key{Part: "p", Sort: "s"}); !errors.Is(err, store.ErrThrottled) {
			t.Errorf("replaced for ever: %v", err)
		}
	})
}

func TestLoserRemovesItsParts(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		large := make([]byte, 800_000)
		for i, x := 0, uint32(1); i < len(large); i++ {
			x = x*1664525 + 1013904223
			large[i] = byte(x >> 24)
		}
		s, asked := scripted(done, done, done, refused(1, theirs), done)
		w := store.Write{Item: store.Item{Key: store.Key{Part: "p", Sort: "s"}, Body: large}, If: store.Absent}
		if err := s.Put(context.Background(), w); !errors.Is(err, store.ErrGuard) {
			t.Fatal(err)
		}
		var operations []string
		for _, a := range asked.asked {
			operation, _, _ := strings.Cut(a, " ")
			operations = append(operations, operation)
		}
		if got, want := strings.Join(operations, " "), "PutItem PutItem PutItem UpdateItem DeleteItem DeleteItem DeleteItem"; got != want {
			t.Errorf("requests %s, want %s", got, want)
		}
	})
}

func TestSendNamesWhatSQSRefused(t *testing.T) {
	answer := `{"Successful":[{"Id":"0","MessageId":"a","MD5OfMessageBody":"9dd4e461268c8034f5c8564e155c67a6"}],"Failed":[{"Id":"3","Code":"InternalError","SenderFault":false},{"Id":"1","Code":"InternalError","SenderFault":false}]}`
	s := &script{answers: []string{answer}}
	endpoint := "http://queue.test"
	client := sqs.New(sqs.Options{
		Region: "eu-central-1", BaseEndpoint: &endpoint, Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
		HTTPClient: &http.Client{Transport: s}, DisableMessageChecksumValidation: true,
	})
	q := NewQueue(client, map[string]string{"work": "http://queue.test/1/work"})
	err := q.Send(context.Background(), "work", queue.Message{Body: []byte("x")}, queue.Message{Body: []byte("y")}, queue.Message{}, queue.Message{Body: []byte("z")})
	e := (*queue.SendError)(nil)
	if !errors.As(err, &e) || fmt.Sprint(e.Failed) != "[1 2 3]" || !errors.Is(err, queue.ErrUnavailable) {
		t.Errorf("got %v", err)
	}
}
