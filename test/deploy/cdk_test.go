package deploy

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/wire"
)

const root = "../.."

// omissions are the resources that the emulator cannot make, by the beginning of their logical ids.
var omissions = map[string]string{
	"DeadLettersAlarm": metricMath,
	"ParkedAlarm":      metricMath,
	"SweepLagAlarm":    metricMath,
	"ConflictsAlarm":   metricMath,
	"TriggerAgeAlarm":  metricMath,
	"EvaluateAgeAlarm": metricMath,
	"DispatchAgeAlarm": metricMath,
	"RollupAgeAlarm":   metricMath,
}

const metricMath = "an alarm on an expression over metrics: only alarms on one metric are known"

// deployment is one stack on one emulator.
type deployment struct {
	t        *testing.T
	endpoint string // of the emulator
	assembly string // folder that CDK writes
	outputs  string // file of the stack's outputs
	table    string // of the stack
}

// run runs a command in the project's folder, as one that has the credentials of the emulator.
func (d *deployment) run(name string, args ...string) string {
	d.t.Helper()
	command := exec.CommandContext(d.t.Context(), name, args...)
	command.Dir = root
	command.Env = append(os.Environ(), d.environment()...)
	out, err := command.CombinedOutput()
	if err != nil {
		d.t.Fatalf("%s %s: %v\n%s", name, strings.Join(args, " "), err, out)
	}
	return string(out)
}

// environment leads AWS's tools to the emulator. By an address, and not a name: names of buckets would go before it.
func (d *deployment) environment() []string {
	return []string{"AWS_ENDPOINT_URL=" + d.endpoint, "AWS_ENDPOINT_URL_S3=" + d.endpoint, "AWS_REGION=us-east-1", "AWS_DEFAULT_REGION=us-east-1",
		"AWS_ACCESS_KEY_ID=test", "AWS_SECRET_ACCESS_KEY=test", "AWS_CA_BUNDLE=", "JSII_SILENCE_WARNING_END_OF_LIFE_NODE_VERSION=20"}
}

func (d *deployment) cdk(args ...string) {
	d.t.Helper()
	d.run(filepath.Join("infra", "node_modules", ".bin", "cdk"), append(args, "--no-notices")...)
}

// build builds the functions for this machine and returns their folder.
func (d *deployment) build() string {
	d.t.Helper()
	programs := d.t.TempDir()
	for _, name := range wire.Functions {
		d.run("go", "build", "-trimpath", "-tags", "lambda.norpc", "-ldflags", "-s -w", "-o", filepath.Join(programs, name, "bootstrap"), "./functions/"+name)
	}
	return programs
}

// stack returns the names of the resources that are to be made: all of the template that CDK wrote, which this leaves
// without what is omitted.
func (d *deployment) stack() []string {
	d.t.Helper()
	files, err := filepath.Glob(filepath.Join(d.assembly, "*.template.json"))
	if err != nil || len(files) != 1 {
		d.t.Fatalf("templates: %v, %v", files, err)
	}
	data, err := os.ReadFile(files[0])
	if err != nil {
		d.t.Fatal(err)
	}
	template := map[string]any{}
	if err := json.Unmarshal(data, &template); err != nil {
		d.t.Fatal(err)
	}
	resources, left, names := template["Resources"].(map[string]any), map[string]bool{}, []string{}
	for id := range resources {
		name := id[:max(len(id)-8, 0)] // CDK ends ids with a hash
		if reason, ok := omissions[name]; ok {
			d.t.Logf("left out: %s, %s", name, reason)
			left[name] = true
			delete(resources, id)
			continue
		}
		names = append(names, id)
	}
	for name := range omissions {
		if !left[name] {
			d.t.Errorf("%s is listed as left out, and the stack has no such resource", name)
		}
	}
	if data, err = json.Marshal(template); err == nil {
		err = os.WriteFile(files[0], data, 0o600)
	}
	if err != nil {
		d.t.Fatal(err)
	}
	return names
}

// made returns the status of each resource of the deployed stack by name.
func (d *deployment) made(stack string) map[string]string {
	d.t.Helper()
	form := url.Values{"Action": {"DescribeStackResources"}, "Version": {"2010-05-15"}, "StackName": {stack}}
	request, err := http.NewRequestWithContext(d.t.Context(), http.MethodPost, d.endpoint+"/", strings.NewReader(form.Encode()))
	if err != nil {
		d.t.Fatal(err)
	}
	request.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	request.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/cloudformation/aws4_request, SignedHeaders=host, Signature=none")
	response, err := http.DefaultClient.Do(request)
	if err != nil {
		d.t.Fatal(err)
	}
	defer func() { _ = response.Body.Close() }()
	var answer struct {
		Members []struct {
			ID     string `xml:"LogicalResourceId"`
			Status string `xml:"ResourceStatus"`
		} `xml:"DescribeStackResourcesResult>StackResources>member"`
	}
	if err := xml.NewDecoder(response.Body).Decode(&answer); err != nil {
		d.t.Fatal(err)
	}
	out := map[string]string{}
	for _, m := range answer.Members {
		out[m.ID] = m.Status
	}
	return out
}

// script runs one of the scripts of the emulators and returns what it prints.
func script(ctx context.Context, t *testing.T, verb string) string {
	t.Helper()
	out, err := exec.CommandContext(ctx, filepath.Join(root, "localstack", "ministack.sh"), verb).Output()
	if err != nil {
		t.Fatalf("ministack.sh %s: %v", verb, err)
	}
	return strings.TrimSpace(string(out))
}

func program() string {
	if runtime.GOOS == "windows" {
		return "segue.exe"
	}
	return "segue"
}
