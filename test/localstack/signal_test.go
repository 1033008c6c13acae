package localstack

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sns"

	"github.com/segue-workflows/segue/localstack/host"
	"github.com/segue-workflows/segue/shared/wire"
	"github.com/segue-workflows/segue/shared/workflow"
)

// testSignals publishes signals to the topic of the stack, as they are and in the envelope of SNS: the sample of the
// reference is started by the two that it joins, waits for two more, and ends. It runs once, although one is published
// twice, and each batch that holds an envelope is delivered ten times.
func testSignals(t *testing.T) {
	need(t)
	t.Parallel()
	enveloped := func(o *host.Options) { // as a subscription delivers that nobody has set otherwise
		raw := []byte(`"RawMessageDelivery": true`)
		if !bytes.Contains(o.Template, raw) {
			t.Error("no subscription of the stack is raw")
		}
		o.Template = bytes.Replace(o.Template, raw, []byte(`"RawMessageDelivery": false`), 1)
		o.Deliveries = 10
	}
	for name, change := range map[string]func(*host.Options){"raw": nil, "enveloped": enveloped} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h, c := open(t, change)
			if _, err := c.Push(t.Context(), signalSample(t), false); err != nil {
				t.Fatal(err)
			}
			publish(t, h,
				`{"name": "signal_a", "params": {"foo": "bat", "watermark": 12345, "updated_by": "ada"}}`,
				`{"name": "signal_b", "params": {"bar": "baz", "watermark": 22222, "posted_by": "ada"}}`,
				`{"name": "signal_b", "params": {"bar": "baz", "watermark": 22222, "posted_by": "ada"}}`,
				`{"name": "db/test/table1", "params": {"vtts_utc_dateint": "20260103", "vtts_utc_hour": "00"}}`,
				`{"name": "db/test/table2", "params": {"vtts_utc_dateint": "20260103", "vtts_utc_hour": "00"}}`)
			if run := awaitRun(t, c, "sample-signal-trigger-wf", allEnd); run.Status != workflow.InstanceSucceeded {
				t.Errorf("the run is %s", run.Status)
			}
			if overview, err := c.Overview(t.Context(), "sample-signal-trigger-wf"); err != nil || overview.Latest != 1 {
				t.Errorf("%+v (%v), want one instance: a signal that comes again is the same signal", overview, err)
			}
		})
	}
}

// publish publishes messages to the topic of signals.
func publish(t *testing.T, h *host.Host, messages ...string) {
	t.Helper()
	topics := sns.New(sns.Options{Region: "eu-west-1", BaseEndpoint: &localStack.address, Credentials: credentials.NewStaticCredentialsProvider("test", "test", "")})
	for _, text := range messages {
		if _, err := topics.Publish(t.Context(), &sns.PublishInput{TopicArn: sdk.String(h.Outputs()[wire.OutputSignals]), Message: &text}); err != nil {
			t.Fatal(err)
		}
	}
}

// signalSample is the reference's sample with an active version; the date is a default param of the deployment that it
// comes from.
func signalSample(t *testing.T) []byte {
	t.Helper()
	text := sample(t, "sample-signal-trigger-wf.json")
	return []byte(strings.ReplaceAll(string(text), "TARGET_RUN_DATE", "20260102"))
}

// sample returns a sample of the reference with an active version.
func sample(t *testing.T, name string) []byte {
	t.Helper()
	root := os.Getenv("SEGUE_CORPUS")
	if root == "" {
		root = filepath.Join(module, "../shared/corpus")
	}
	text, err := os.ReadFile(filepath.Join(root, "maestro/server-samples", name))
	if err != nil {
		t.Skipf("the corpus is not here: %v", err)
	}
	var definition map[string]any
	if err := json.Unmarshal(text, &definition); err != nil {
		t.Fatal(err)
	}
	definition["is_active"] = true
	if text, err = json.Marshal(definition); err != nil {
		t.Fatal(err)
	}
	return text
}
