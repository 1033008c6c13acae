package contract_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodbstreams"

	"github.com/segue-workflows/segue/shared/aws"
	"github.com/segue-workflows/segue/shared/meter"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/test/contract"
)

func TestDynamoDBStore(t *testing.T) {
	endpoint := emulator(t, "SEGUE_DYNAMODB", "../../localstack/dynamodb.sh")
	contract.Store(t, func(t *testing.T) contract.StoreSubject {
		transport := &forgetful{RoundTripper: http.DefaultTransport}
		s, feed := openTable(t, endpoint, transport)
		return contract.StoreSubject{Store: s, Feed: feed, Increments: increments(20), LoseAnswers: transport.lose}
	})
}

// emulator returns the endpoint in the variable, or of the emulator that the script says is running.
func emulator(t *testing.T, variable, script string) string {
	t.Helper()
	if endpoint := os.Getenv(variable); endpoint != "" {
		return endpoint
	}
	if out, err := exec.Command(script, "status").Output(); err == nil {
		return strings.TrimSpace(string(out))
	}
	const advice = "%s names no endpoint and %s runs none: this adapter is not tested here"
	if os.Getenv("SEGUE_REQUIRE_EMULATORS") == "1" {
		t.Fatalf(advice, variable, script)
	}
	t.Skipf(advice, variable, script)
	return ""
}

func openTable(t *testing.T, endpoint string, transport http.RoundTripper) (*aws.Store, *aws.Stream) {
	t.Helper()
	keys := credentials.NewStaticCredentialsProvider("local", "local", "")
	client := dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: &endpoint, Credentials: keys, HTTPClient: &http.Client{Transport: transport},
	})
	table := fmt.Sprintf("contract-%016x", rand.Uint64())
	if err := aws.CreateTable(context.Background(), client, table); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if _, err := client.DeleteTable(context.Background(), &dynamodb.DeleteTableInput{TableName: &table}); err != nil {
			t.Error(err)
		}
	})
	made, err := client.DescribeTable(context.Background(), &dynamodb.DescribeTableInput{TableName: &table})
	if err != nil {
		t.Fatal(err)
	}
	s := aws.NewStore(client, table, rand.Uint64)
	streams := dynamodbstreams.New(dynamodbstreams.Options{Region: "eu-central-1", BaseEndpoint: &endpoint, Credentials: keys})
	return s, aws.NewStream(s, streams, *made.Table.LatestStreamArn)
}

// forgetful is a network that loses answers after the service has done what was asked.
type forgetful struct {
	http.RoundTripper
	left atomic.Int64
}

func (f *forgetful) lose(n int) { f.left.Store(int64(n)) }

func (f *forgetful) RoundTrip(r *http.Request) (*http.Response, error) {
	answer, err := f.RoundTripper.RoundTrip(r)
	target := r.Header.Get("X-Amz-Target")
	write := strings.Contains(target, "Item") && !strings.Contains(target, "GetItem")
	if err != nil || !write || f.left.Add(-1) < 0 {
		return answer, err
	}
	_ = answer.Body.Close()
	return nil, errors.New("the answer was lost")
}

// TestMeterAgreesWithTheTable compares what the memory store counts with what the service says.
// It asks for no absent item of several: DynamoDB Local gives those away, the service does not.
func TestMeterAgreesWithTheTable(t *testing.T) {
	endpoint := emulator(t, "SEGUE_DYNAMODB", "../../localstack/dynamodb.sh")
	real, counted := &meter.Meter{}, &meter.Meter{}
	table, _ := openTable(t, endpoint, http.DefaultTransport)
	table.Count(real)
	inMemory := newCountedMemory(counted)
	for i, s := range []store.Store{table, inMemory} {
		for n, size := range []int{0, 100, 900, 1_100, 5_000, 100_000} {
			w := noisyWrite(fmt.Sprint(n), size)
			for _, guard := range []store.Guard{store.Absent, store.At(1), store.At(7)} {
				w.If = guard
				if err := s.Put(context.Background(), w); err != nil && !errors.Is(err, store.ErrGuard) {
					t.Fatal(i, err)
				}
			}
			for _, how := range []store.Read{store.Fresh, store.Stale} {
				if _, err := s.Get(context.Background(), how, w.Key); err != nil {
					t.Fatal(i, err)
				}
				if _, _, err := s.List(context.Background(), store.Range{Part: "p", Read: how}); err != nil {
					t.Fatal(i, err)
				}
			}
		}
		if err := s.PutAll(context.Background(), noisyWrite("x", 10), noisyWrite("y", 3_000)); err != nil {
			t.Fatal(i, err)
		}
		if err := s.Put(context.Background(), store.Write{Item: store.Item{Key: store.Key{Part: "p", Sort: "y"}}}); err != nil {
			t.Fatal(i, err)
		}
	}
	if a, b := real.Snapshot(), counted.Snapshot(); a.WriteUnits != b.WriteUnits || a.ReadUnits != b.ReadUnits || a.Refused != b.Refused {
		t.Errorf("the table says %+v, the memory store %+v", a, b)
	}
}
