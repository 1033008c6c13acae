package deploy

import (
	"context"
	"encoding/json"
	"math/rand/v2"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"github.com/segue-workflows/segue/shared/aws"
	"github.com/segue-workflows/segue/shared/engine/record"
	"github.com/segue-workflows/segue/shared/store"
	"github.com/segue-workflows/segue/shared/wire"
)

const stage = "whole"

func TestTheWholeStackDeploysAndRuns(t *testing.T) {
	if os.Getenv("SEGUE_TEST_DEPLOY") == "" {
		t.Skip("SEGUE_TEST_DEPLOY is not set: make test-deploy deploys the stack on an emulator")
	}
	script(t.Context(), t, "install")
	script(t.Context(), t, "stop") // what an earlier test left would be deployed to
	d := &deployment{t: t, endpoint: script(t.Context(), t, "start"), assembly: filepath.Join(t.TempDir(), "cdk.out"), outputs: filepath.Join(t.TempDir(), "outputs.json")}
	t.Cleanup(func() { script(context.Background(), t, "stop") })

	d.cdk("synth", "--quiet", "--no-lookups", "-c", "programs="+d.build(), "-c", "stage="+stage, "--output", d.assembly)
	d.cdk("bootstrap", "aws://000000000000/us-east-1")
	wanted := d.stack()
	d.cdk("deploy", "--app", d.assembly, "--require-approval", "never", "--outputs-file", d.outputs)

	made := d.made("segue-" + stage)
	for _, id := range wanted {
		if status := made[id]; status != "CREATE_COMPLETE" && !strings.HasPrefix(id, "CDKMetadata") {
			t.Errorf("%s is %q", id, status)
		}
	}
	t.Logf("%d resources are there, %d left out", len(made), len(omissions))
	d.workflows()
	d.swept()
}

// swept waits until the stack's schedule, which is due each minute, has fired: nothing else begins a sweep, and each
// notes in the table how far it came.
func (d *deployment) swept() {
	t := d.t
	keys := credentials.NewStaticCredentialsProvider("test", "test", "")
	client := dynamodb.New(dynamodb.Options{Region: "us-east-1", BaseEndpoint: &d.endpoint, Credentials: keys})
	table := aws.NewStore(client, d.table, rand.Uint64)
	ticker := time.NewTicker(time.Second)
	defer ticker.Stop()
	for deadline := time.After(twice); ; {
		items, err := table.Get(t.Context(), store.Fresh, record.TickKey())
		if err != nil {
			t.Fatal(err)
		}
		if items[0].Rev > 0 {
			return
		}
		select {
		case <-ticker.C:
		case <-deadline:
			t.Fatalf("the schedule of each minute has not fired in %v", twice)
		}
	}
}

// twice is when a schedule of each minute must have fired in any case.
const twice = 2 * time.Minute

// workflows pushes and runs a workflow the way a user of the deployment does.
func (d *deployment) workflows() {
	t := d.t
	segue := filepath.Join(t.TempDir(), program())
	d.run("go", "build", "-o", segue, "./cmd/segue")
	d.settle()
	for _, name := range []string{"hello", "conditional", "retry"} {
		file := filepath.Join("examples", name+".json")
		if _, err := os.Stat(filepath.Join(root, file)); err != nil {
			t.Fatal(err)
		}
		d.run(segue, "push", file, "--stage", stage)
		out := d.run(segue, "start", name, "--watch", "--stage", stage)
		if !strings.Contains(out, "SUCCEEDED") {
			t.Errorf("%s did not succeed:\n%s", name, out)
		}
		if status := d.run(segue, "status", name, "1", "--stage", stage); !strings.Contains(status, "SUCCEEDED") {
			t.Errorf("the status of %s:\n%s", name, status)
		}
	}
}

// settle puts the outputs where the command looks for them. The API has a name that no machine resolves; it is reached
// by way of a server that knows it.
func (d *deployment) settle() {
	t := d.t
	data, err := os.ReadFile(d.outputs)
	if err != nil {
		t.Fatal(err)
	}
	stacks := map[string]map[string]string{}
	if err := json.Unmarshal(data, &stacks); err != nil {
		t.Fatal(err)
	}
	outputs := stacks["segue-"+stage]
	for _, name := range []string{wire.OutputAPI, wire.OutputTable, wire.OutputSignals, wire.OutputEvents, wire.OutputDeadLetter, wire.OutputParked} {
		if outputs[name] == "" {
			t.Errorf("the stack has no output %s", name)
		}
	}
	d.table = outputs[wire.OutputTable]
	api, err := url.Parse(outputs[wire.OutputAPI])
	if err != nil {
		t.Fatal(err)
	}
	emulator, err := url.Parse(d.endpoint)
	if err != nil {
		t.Fatal(err)
	}
	front := httptest.NewServer(&httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) {
		r.SetURL(emulator)
		r.Out.Host = api.Host
	}})
	t.Cleanup(front.Close)
	outputs[wire.OutputAPI] = front.URL
	config := t.TempDir()
	t.Setenv("XDG_CONFIG_HOME", config)
	if data, err = json.Marshal(stacks); err == nil {
		err = os.MkdirAll(filepath.Join(config, "segue"), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(config, "segue", stage+".json"), data, 0o600)
	}
	if err != nil {
		t.Fatal(err)
	}
}
