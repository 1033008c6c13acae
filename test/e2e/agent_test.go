package e2e

import (
	"bufio"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"
)

// agentWords is the line in which the server says where its agent is.
var agentWords = regexp.MustCompile(`agent of secrets listens on (127\.0\.0\.1:\d+)`)

// serveAgent starts a server that is an agent, and returns the agent's address.
func serveAgent(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	secrets, token := filepath.Join(dir, "secrets.json"), filepath.Join(dir, "awssmatoken")
	for path, text := range map[string]string{secrets: `{"MySecret": "p4ss", "db/prod": {"user": "u"}}`, token: "t0ken\n"} {
		if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	command := exec.Command("segue", "dev", "--memory", "--addr", "127.0.0.1:0", "--secrets", secrets, "--agent", "127.0.0.1:0", "--agent-token", token)
	out, in, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	command.Stdout, command.Stderr = in, in
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	_ = in.Close()
	t.Cleanup(func() {
		_ = command.Process.Signal(syscall.SIGTERM)
		if err := command.Wait(); err != nil {
			t.Errorf("the server ended with %v", err)
		}
		_ = out.Close()
	})
	var said strings.Builder
	for lines := bufio.NewScanner(out); lines.Scan(); {
		said.WriteString(lines.Text() + "\n")
		if found := agentWords.FindStringSubmatch(lines.Text()); found != nil {
			return found[1]
		}
	}
	t.Fatalf("the server said nothing of an agent:\n%s", said.String())
	return ""
}

// TestDevIsAnAgentOfSecrets sends the requests of AWS's documentation byte by byte, as curl does.
func TestDevIsAnAgentOfSecrets(t *testing.T) {
	t.Parallel()
	address := serveAgent(t)
	const curl = "Host: localhost:2773\r\nUser-Agent: curl/8.5.0\r\nAccept: */*\r\nConnection: close\r\n"
	const shown = "X-Aws-Parameters-Secrets-Token: t0ken\r\n"
	for name, c := range map[string]struct{ request, status, body string }{
		"a secret":            {"GET /secretsmanager/get?secretId=MySecret HTTP/1.1\r\n" + curl + shown, "200", `"SecretString":"p4ss"`},
		"by its path":         {"GET /v1/MySecret HTTP/1.1\r\n" + curl + shown, "200", `"Name":"MySecret"`},
		"a path in its name":  {"GET /v1/db/prod HTTP/1.1\r\n" + curl + shown, "200", `{\"user\": \"u\"}`},
		"at a stage":          {"GET /secretsmanager/get?secretId=MySecret&versionStage=AWSCURRENT HTTP/1.1\r\n" + curl + shown, "200", `"VersionStages":["AWSCURRENT"]`},
		"refreshed":           {"GET /secretsmanager/get?secretId=MySecret&refreshNow=true HTTP/1.1\r\n" + curl + shown, "200", "p4ss"},
		"not there":           {"GET /secretsmanager/get?secretId=Other HTTP/1.1\r\n" + curl + shown, "400", "ResourceNotFoundException"},
		"no token":            {"GET /secretsmanager/get?secretId=MySecret HTTP/1.1\r\n" + curl, "403", "Bad Token"},
		"by a proxy":          {"GET /secretsmanager/get?secretId=MySecret HTTP/1.1\r\n" + curl + shown + "X-Forwarded-For: 10.0.0.1\r\n", "400", "Forwarded"},
		"health":              {"GET /ping HTTP/1.1\r\n" + curl, "200", "healthy"},
		"another method":      {"DELETE /v1/MySecret HTTP/1.1\r\n" + curl + shown, "405", "Not allowed"},
		"another call of AWS": {"GET /secretsmanager/put?secretId=MySecret HTTP/1.1\r\n" + curl + shown, "404", "Not found"},
	} {
		connection, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		if _, err := io.WriteString(connection, c.request+"\r\n"); err != nil {
			t.Fatal(err)
		}
		raw, err := io.ReadAll(connection)
		_ = connection.Close()
		answer := string(raw)
		if err != nil || !strings.HasPrefix(answer, "HTTP/1.1 "+c.status+" ") || !strings.Contains(answer, c.body) {
			t.Errorf("%s: %v\n%s", name, err, answer)
		}
		if c.status != "200" && strings.Contains(answer, "p4ss") {
			t.Errorf("%s: the secret is in the answer", name)
		}
	}
}

func TestTheAgentIsForThisMachine(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	secrets := filepath.Join(dir, "secrets.json")
	if err := os.WriteFile(secrets, []byte(`{}`), 0o600); err != nil {
		t.Fatal(err)
	}
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"all addresses": {[]string{"--secrets", secrets, "--agent", "0.0.0.0:0"}, "loopback"},
		"no port":       {[]string{"--secrets", secrets, "--agent", "127.0.0.1"}, "loopback"},
		"no secrets":    {[]string{"--agent", "127.0.0.1:0"}, "needs --secrets"},
		"no token":      {[]string{"--secrets", secrets, "--agent", "127.0.0.1:0", "--agent-token", filepath.Join(dir, "none")}, "token file"},
	} {
		out, err := exec.Command("segue", append([]string{"dev", "--memory", "--addr", "127.0.0.1:0"}, c.args...)...).CombinedOutput()
		if err == nil || !strings.Contains(string(out), c.want) {
			t.Errorf("%s: %v\n%s", name, err, out)
		}
	}
}
