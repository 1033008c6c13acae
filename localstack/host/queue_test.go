package host

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// fakeQueue is a service with one queue, whose batches the test decides.
type fakeQueue struct {
	url      string
	batches  chan []string
	received chan int
	fired    chan string // what the schedule sent

	mu         sync.Mutex
	count      int
	deleted    map[int][]string // places in a batch, by batch
	attributes map[string]string
}

func serveQueue(t *testing.T) *fakeQueue {
	t.Helper()
	f := &fakeQueue{batches: make(chan []string, 2), received: make(chan int, 2), fired: make(chan string, 2), deleted: map[int][]string{}}
	server := httptest.NewServer(http.HandlerFunc(f.serve))
	t.Cleanup(server.Close)
	f.url = server.URL
	return f
}

func (f *fakeQueue) deletedOf(batch int) string {
	f.mu.Lock()
	defer f.mu.Unlock()
	return strings.Join(f.deleted[batch], " ")
}

type object = map[string]any

func (f *fakeQueue) serve(w http.ResponseWriter, r *http.Request) {
	var in struct {
		Attributes  map[string]string
		MessageBody string
		Entries     []struct{ Id, ReceiptHandle string }
	}
	_ = json.NewDecoder(r.Body).Decode(&in)
	w.Header().Set("Content-Type", "application/x-amz-json-1.0")
	out := object{}
	switch strings.TrimPrefix(r.Header.Get("X-Amz-Target"), "AmazonSQS.") {
	case "CreateQueue":
		f.attributes, out["QueueUrl"] = in.Attributes, f.url+"/queue"
	case "GetQueueAttributes":
		out["Attributes"] = object{"QueueArn": "arn:queue"}
	case "SendMessage":
		f.fired <- in.MessageBody
	case "ReceiveMessage":
		select {
		case <-r.Context().Done():
			return
		case bodies := <-f.batches:
			out["Messages"] = f.receive(bodies)
		}
	case "DeleteMessageBatch":
		f.mu.Lock()
		for _, entry := range in.Entries {
			batch, place, _ := strings.Cut(entry.ReceiptHandle, "/")
			n, _ := strconv.Atoi(batch)
			f.deleted[n] = append(f.deleted[n], place)
		}
		f.mu.Unlock()
	}
	_ = json.NewEncoder(w).Encode(out)
}

func (f *fakeQueue) receive(bodies []string) []object {
	f.mu.Lock()
	defer f.mu.Unlock()
	var messages []object
	for i, body := range bodies {
		receipt := fmt.Sprintf("%d/%d", f.count, i)
		messages = append(messages, object{"MessageId": "m" + receipt, "ReceiptHandle": receipt, "Body": body,
			"Attributes": object{"ApproximateReceiveCount": "1", "SentTimestamp": "1", "AWSTraceHeader": "Root=1-0-0;Lineage=1:0:" + strings.TrimPrefix(body, "after ")}})
	}
	f.received <- f.count
	f.count++
	return messages
}
