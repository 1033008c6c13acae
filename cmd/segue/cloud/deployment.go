package cloud

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/segue-workflows/segue/shared/wire"
)

// Deployment is one stack.
type Deployment struct {
	Stage   string
	Address string // of its API
	Region  string // "": the address does not tell
}

// stageName is what infra takes for a stage; it also keeps paths out of the name of a file.
var stageName = regexp.MustCompile(`^[a-z][a-z0-9-]{0,19}$`)

// File returns where the outputs of a stage's stack are kept: in the user's configuration, so that the command works
// in any folder. "make deploy" writes there.
func File(stage string, env func(string) string) string {
	folder := env("XDG_CONFIG_HOME")
	if folder == "" {
		folder = filepath.Join(env("HOME"), ".config")
	}
	return filepath.Join(folder, "segue", stage+".json")
}

// Load reads the deployment of a stage from the file that CDK wrote: the outputs of each stack by its name.
func Load(stage string, env func(string) string) (*Deployment, error) {
	if !stageName.MatchString(stage) {
		return nil, fmt.Errorf("stage %q: up to 20 lower-case letters, digits and dashes, a letter first", stage)
	}
	file := File(stage, env)
	data, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("no deployment %s is known here: \"make deploy STAGE=%s\" writes %s", stage, stage, file)
	}
	if err != nil {
		return nil, err
	}
	var stacks map[string]map[string]string
	if err := json.Unmarshal(data, &stacks); err != nil {
		return nil, fmt.Errorf("%s does not hold the outputs of a stack: %w", file, err)
	}
	address, err := url.Parse(stacks["segue-"+stage][wire.OutputAPI])
	if err != nil || address.Host == "" || !encrypted(address) {
		return nil, fmt.Errorf("%s does not tell the address of the API: want %s of stack segue-%s, beginning with https://", file, wire.OutputAPI, stage)
	}
	return &Deployment{Stage: stage, Address: strings.TrimRight(address.String(), "/"), Region: regionOf(address.Hostname())}, nil
}

// encrypted refuses to send signed requests in the open, except to an emulator on this machine.
func encrypted(address *url.URL) bool {
	return address.Scheme == "https" || address.Scheme == "http" && address.Hostname() == "127.0.0.1"
}

// regionOf reads the region from the host of an API: ID.execute-api.REGION.amazonaws.com.
func regionOf(host string) string {
	if parts := strings.Split(host, "."); len(parts) > 3 && parts[1] == service {
		return parts[2]
	}
	return ""
}
