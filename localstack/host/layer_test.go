package host

import (
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestTheExtensionOfALayerRunsBesideTheFunction, with the function's variables, and is ready before its first event.
func TestTheExtensionOfALayerRunsBesideTheFunction(t *testing.T) {
	t.Parallel()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	address, token := listener.Addr().String(), filepath.Join(t.TempDir(), "token")
	_ = listener.Close()
	variables := `{"STAGE": "test", "SEGUE_AGENT": "` + address + `", "SEGUE_AGENT_TOKEN_FILE": "` + token + `"}}`
	beside := strings.Replace(functions, `{"STAGE": "test"}}`, variables+`, "Layers": [{"Ref": "Layer"}]`, 1)
	h, err := open(t, `{"Resources": {`+beside+`,
 "Layer": {"Type": "AWS::Lambda::LayerVersion", "Metadata": {"go": "cmd/segue-agent"}, "Properties": {"Content": {"S3Bucket": "b", "S3Key": "k"}}}}}`,
		"http://127.0.0.1:1")
	if err != nil {
		t.Fatal(err)
	}
	if response, _ := call(t, h, http.MethodGet, "/", "text/plain", ""); response.StatusCode != http.StatusCreated {
		t.Fatalf("the function answers %s", response.Status)
	}
	answer, err := http.Get("http://" + address + "/ping")
	if err != nil {
		t.Fatal(err)
	}
	_ = answer.Body.Close()
	if _, err := os.Stat(token); err != nil || answer.StatusCode != http.StatusOK {
		t.Errorf("the agent answers %s, and its token: %v", answer.Status, err)
	}
}
