package localstack

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/segue-workflows/segue/cmd/segue/client"
	"github.com/segue-workflows/segue/localstack/host"
)

const (
	module  = "../.."
	teller  = "teller" // who calls, on both sides
	allEnd  = 150 * time.Second
	startup = 3 * time.Minute
)

// emulator is one that this package has started, on a port of its own unless the variable of its script says which.
type emulator struct {
	script, folder, portVariable, port string
	group                              bool // it leads a process group
	address                            string
}

var (
	dynamoDB   = &emulator{script: "dynamodb.sh", folder: "dynamodb", portVariable: "SEGUE_DYNAMODB_PORT", port: "8012"}
	localStack = &emulator{script: "localstack.sh", folder: "localstack", portVariable: "SEGUE_LOCALSTACK_PORT", port: "4577", group: true}
	running    bool // both
)

func TestMain(m *testing.M) {
	if os.Getenv("SEGUE_TEST_LOCALSTACK") != "1" {
		os.Exit(m.Run()) // every test skips itself
	}
	os.Exit(withEmulators(m.Run))
}

// withEmulators runs tests with both emulators. When those cannot be had it says so, and runs none.
func withEmulators(run func() int) int {
	for _, e := range []*emulator{dynamoDB, localStack} {
		defer func() {
			e.signal(syscall.SIGCONT)
			_, _ = e.run("stop")
		}()
		if err := e.start(); err != nil {
			return without(err)
		}
	}
	running = true
	return run()
}

func without(err error) int {
	if os.Getenv("SEGUE_REQUIRE_EMULATORS") == "1" {
		fmt.Println("no emulators:", err)
		return 1
	}
	fmt.Println("skipped, no emulators:", err)
	return 0
}

func (e *emulator) run(verb string) (string, error) {
	command := exec.Command(filepath.Join(module, "localstack", e.script), verb)
	if port := os.Getenv(e.portVariable); port != "" {
		e.port = port
	}
	command.Env = append(os.Environ(), e.portVariable+"="+e.port)
	var errs bytes.Buffer
	command.Stderr = &errs
	out, err := command.Output()
	if err != nil {
		return "", fmt.Errorf("%s", strings.TrimSpace(errs.String()))
	}
	return strings.TrimSpace(string(out)), nil
}

func (e *emulator) start() (err error) {
	e.address, err = e.run("start")
	return err
}

// signal sends a signal to the emulator and to what it has started.
func (e *emulator) signal(s syscall.Signal) {
	text, err := os.ReadFile(filepath.Join(module, ".cache", e.folder, e.port+".pid"))
	if err != nil {
		return
	}
	pid, err := strconv.Atoi(strings.TrimSpace(string(text)))
	if err != nil || pid <= 1 {
		return
	}
	if e.group {
		pid = -pid
	}
	_ = syscall.Kill(pid, s)
}

// need skips a test when there are no emulators.
func need(t *testing.T) {
	t.Helper()
	if !running {
		t.Skip(`skipped: it takes minutes; "make test-localstack" runs it`)
	}
}

var stacks atomic.Int64

// programs are those of the functions: the first stack builds them, and all run the same ones.
var programs struct {
	sync.Mutex
	built bool
}

// open makes a stack of its own for a test.
func open(t *testing.T, change func(*host.Options)) (*host.Host, *client.Client) {
	t.Helper()
	need(t)
	data, err := os.ReadFile(filepath.Join(module, "infra/testdata/Segue.template.json"))
	if err != nil {
		t.Fatal(err)
	}
	folder, err := filepath.Abs(filepath.Join(module, ".cache/host/test"))
	if err != nil {
		t.Fatal(err)
	}
	out, err := os.Create(filepath.Join(t.TempDir(), "log"))
	if err != nil {
		t.Fatal(err)
	}
	n := stacks.Add(1)
	o := host.Options{
		Template: data, Module: module, Programs: folder, LocalStack: localStack.address, DynamoDB: dynamoDB.address,
		Prefix: fmt.Sprintf("test-%d-%d", os.Getpid(), n), Key: fmt.Sprintf("test%d", n), Caller: teller, Log: out,
	}
	if change != nil {
		change(&o)
	}
	programs.Lock()
	if o.Built = programs.built; o.Built {
		programs.Unlock()
	}
	ctx, cancel := context.WithTimeout(context.Background(), startup)
	defer cancel()
	h, err := host.Open(ctx, o)
	if !o.Built {
		programs.built = err == nil
		programs.Unlock()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := h.Close(context.Background()); err != nil {
			t.Error(err)
		}
		if t.Failed() {
			showLog(t, out.Name())
		}
	})
	return h, client.New(h.Address(), teller)
}

// showLog shows the end of what the functions and the host had to say, without the lines of ordinary batches.
func showLog(t *testing.T, path string) {
	text, _ := os.ReadFile(path)
	var lines []string
	for line := range strings.Lines(string(text)) {
		if !strings.Contains(line, `"msg":"batch"`) {
			lines = append(lines, line)
		}
	}
	t.Logf("the last of %d lines:\n%s", len(lines), strings.Join(lines[max(0, len(lines)-40):], ""))
}
