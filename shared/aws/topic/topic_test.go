package topic

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/segue-workflows/segue/shared/event"
)

// service answers as SNS does: it takes what it is not told to refuse.
type service struct {
	calls  [][]string        // the entities of each call
	forms  []url.Values      // and what it said
	refuse map[string]string // code of the answer, by entity
	down   bool
}

func (s *service) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	_ = r.ParseForm()
	if s.down {
		w.WriteHeader(http.StatusForbidden)
		_, _ = fmt.Fprint(w, `<ErrorResponse><Error><Type>Sender</Type><Code>AuthorizationError</Code><Message>no</Message></Error></ErrorResponse>`)
		return
	}
	var call []string
	good, bad := "", ""
	for i := 1; ; i++ {
		prefix := fmt.Sprintf("PublishBatchRequestEntries.member.%d.", i)
		body, id := r.Form.Get(prefix+"Message"), r.Form.Get(prefix+"Id")
		if body == "" {
			break
		}
		var e event.Event
		if json.Unmarshal([]byte(body), &e) != nil || e.Workflow == "" {
			var enveloped event.CloudEvent
			_ = json.Unmarshal([]byte(body), &enveloped)
			e = *enveloped.Data
		}
		call = append(call, e.Workflow)
		if code, no := s.refuse[e.Workflow]; no {
			bad += "<member><Id>" + id + "</Id><Code>" + code + "</Code><SenderFault>true</SenderFault></member>"
		} else {
			good += "<member><Id>" + id + "</Id><MessageId>m</MessageId></member>"
		}
	}
	s.calls, s.forms = append(s.calls, call), append(s.forms, r.Form)
	_, _ = fmt.Fprintf(w, `<PublishBatchResponse><PublishBatchResult><Successful>%s</Successful><Failed>%s</Failed></PublishBatchResult></PublishBatchResponse>`, good, bad)
}

func topicOf(t *testing.T, s *service, arn string) *Topic {
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	return &Topic{ARN: arn, Client: sns.New(sns.Options{Region: "eu-west-1", BaseEndpoint: &server.URL, RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("k", "s", "")})}
}

// named makes an event for each workflow.
func named(names ...string) (out []*event.Event) {
	for i, name := range names {
		out = append(out, &event.Event{Type: event.Properties, Workflow: name, Sequence: int64(i)})
	}
	return out
}

const plain, ordered = "arn:aws:sns:eu-west-1:1:events", "arn:aws:sns:eu-west-1:1:events.fifo"

func TestBatches(t *testing.T) {
	large := strings.Repeat("x", 100<<10)
	for name, row := range map[string]struct {
		arn   string
		names []string
		calls []int
	}{
		"ten at a time":          {plain, strings.Fields("a b c d e f g h i j k l"), []int{10, 2}},
		"an entity often":        {plain, strings.Fields("a a a"), []int{3}},
		"once in a fifo batch":   {ordered, strings.Fields("a b a c a"), []int{2, 2, 1}},
		"no more than SNS takes": {plain, []string{large + "1", large + "2", large + "3"}, []int{1, 1, 1}},
		"nothing":                {plain, nil, nil},
	} {
		s := &service{}
		if err := topicOf(t, s, row.arn).Publish(t.Context(), named(row.names...)); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		var sizes []int
		for _, call := range s.calls {
			sizes = append(sizes, len(call))
		}
		if !slices.Equal(sizes, row.calls) || !slices.Equal(slices.Concat(s.calls...), row.names) {
			t.Errorf("%s: calls of %v", name, sizes)
		}
	}
}

func TestWhatIsNotTaken(t *testing.T) {
	huge := strings.Repeat("x", maxBytes)
	for name, row := range map[string]struct {
		names   []string
		refuse  map[string]string
		down    bool
		taken   int
		refused bool
	}{
		"throttled":         {names: strings.Fields("a b c d"), refuse: map[string]string{"c": "Throttled"}, taken: 2},
		"two of a batch":    {names: strings.Fields("a b c d"), refuse: map[string]string{"d": "InvalidParameter", "b": "InternalError"}, taken: 1},
		"not as it is":      {names: strings.Fields("a b"), refuse: map[string]string{"b": "InvalidParameter"}, taken: 1, refused: true},
		"in a second batch": {names: strings.Fields("a b c d e f g h i j k l"), refuse: map[string]string{"l": "InternalError"}, taken: 11},
		"too large":         {names: []string{"a", huge, "b"}, taken: 1, refused: true},
		"behind a failure":  {names: []string{"a", "b", huge}, refuse: map[string]string{"b": "InternalError"}, taken: 1},
		"nobody may":        {names: []string{"a"}, down: true},
	} {
		err := topicOf(t, &service{refuse: row.refuse, down: row.down}, plain).Publish(t.Context(), named(row.names...))
		var got *event.Undelivered
		if !errors.As(err, &got) || got.Taken != row.taken || got.Refused != row.refused {
			t.Errorf("%s: %+v", name, err)
		}
	}
}

// TestMessages: a subscriber can filter, and a FIFO topic knows the entity and the event.
func TestMessages(t *testing.T) {
	s := &service{}
	topic := topicOf(t, s, ordered)
	topic.Cloud = true
	long := &event.Event{Type: event.Status, Workflow: strings.Repeat("é", 100), Instance: 1, Run: 1, Sequence: 3}
	if err := topic.Publish(t.Context(), append(named("wf"), long)); err != nil {
		t.Fatal(err)
	}
	form := s.forms[0]
	entry := "PublishBatchRequestEntries.member.1."
	attributes := map[string]string{}
	for i := 1; i <= 2; i++ {
		at := fmt.Sprintf("%sMessageAttributes.entry.%d.", entry, i)
		attributes[form.Get(at+"Name")] = form.Get(at + "Value.StringValue")
	}
	if attributes[AttributeType] != event.Properties || attributes[AttributeWorkflow] != "wf" {
		t.Errorf("attributes %v", attributes)
	}
	if group, id := form.Get(entry+"MessageGroupId"), form.Get(entry+"MessageDeduplicationId"); group != "wf" || id != "wf/0/"+event.Properties {
		t.Errorf("group %q, id %q", group, id)
	}
	var envelope event.CloudEvent
	if json.Unmarshal([]byte(form.Get(entry+"Message")), &envelope) != nil || envelope.SpecVersion != "1.0" {
		t.Errorf("message %s", form.Get(entry+"Message"))
	}
	if group := form.Get("PublishBatchRequestEntries.member.2.MessageGroupId"); len(group) != 64 || group != sdk.ToString(identity(long.Entity())) {
		t.Errorf("the group of a long name is %q", group)
	}
}
