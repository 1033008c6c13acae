package agent

import (
	"crypto/subtle"
	"encoding/json"
	"io/fs"
	"net/http"
	"net/url"
	"os"
	"strconv"
	"strings"

	"github.com/segue-workflows/segue/shared/workflow"
)

// The protocol of AWS's agent.
const (
	TokenHeader      = "X-Aws-Parameters-Secrets-Token"
	DefaultAddress   = "127.0.0.1:2773"
	DefaultTokenFile = "/var/run/awssmatoken"
	MaxConnections   = 800

	pingPath   = "/ping"
	queryPath  = "/secretsmanager/get"
	pathPrefix = "/v1/"
	pings      = 2 // that are answered although the limit is reached
)

// vaultToken is the other header in which AWS's agent takes its token.
const vaultToken = "X-Vault-Token"

// server answers requests of this machine.
type server struct {
	agent *Agent
	token string
	slots chan struct{}
	extra chan struct{}
}

// Handler serves the agent to programs that show the token. An empty token refuses all of them.
func Handler(a *Agent, token string) http.Handler {
	return &server{agent: a, token: token, slots: make(chan struct{}, MaxConnections), extra: make(chan struct{}, pings)}
}

// ReadToken reads the token from a file. It returns CodeInvalid for a file that everybody may read, and an empty one.
func ReadToken(path string) (string, error) {
	about, err := os.Stat(path)
	if err != nil {
		return "", workflow.Errorf(workflow.CodeInvalid, "the token file of the agent cannot be read")
	}
	if about.Mode().Perm()&(0o007|fs.FileMode(0o020)) != 0 {
		return "", workflow.Errorf(workflow.CodeInvalid, "the token file of the agent is for its owner, and for its group to read: chmod 640 it")
	}
	text, err := os.ReadFile(path)
	token := strings.TrimSpace(string(text))
	if err != nil || token == "" {
		return "", workflow.Errorf(workflow.CodeInvalid, "the token file of the agent cannot be read, or is empty")
	}
	return token, nil
}

// ServeHTTP answers in the order of AWS's agent: the limit, the token, the method, the path.
func (s *server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	leave, ok := s.enter(r.URL.Path)
	if !ok {
		say(w, http.StatusTooManyRequests, "Connection limit exceeded")
		return
	}
	defer leave()
	if r.URL.Path != pingPath {
		if _, forwarded := r.Header["X-Forwarded-For"]; forwarded {
			say(w, http.StatusBadRequest, "Forwarded")
			return
		}
		if !s.knows(r.Header.Get(TokenHeader)) && !s.knows(r.Header.Get(vaultToken)) {
			say(w, http.StatusForbidden, "Bad Token")
			return
		}
	}
	if r.Method != http.MethodGet {
		say(w, http.StatusMethodNotAllowed, "Not allowed")
		return
	}
	id := r.URL.Query().Get("secretId")
	switch {
	case r.URL.Path == pingPath:
		say(w, http.StatusOK, "healthy")
		return
	case r.URL.Path == queryPath:
	case strings.HasPrefix(r.URL.Path, pathPrefix):
		id = strings.TrimPrefix(r.URL.Path, pathPrefix)
	default:
		say(w, http.StatusNotFound, "Not found")
		return
	}
	s.answer(w, r, id, r.URL.Query())
}

// enter takes a slot; health is asked for also when all are taken.
func (s *server) enter(path string) (leave func(), ok bool) {
	select {
	case s.slots <- struct{}{}:
		return func() { <-s.slots }, true
	default:
	}
	if path != pingPath {
		return nil, false
	}
	select {
	case s.extra <- struct{}{}:
		return func() { <-s.extra }, true
	default:
		return nil, false
	}
}

func (s *server) knows(token string) bool {
	return s.token != "" && subtle.ConstantTimeCompare([]byte(token), []byte(s.token)) == 1
}

func (s *server) answer(w http.ResponseWriter, r *http.Request, id string, query url.Values) {
	refresh, err := false, error(nil)
	if text := query.Get("refreshNow"); text != "" {
		refresh, err = strconv.ParseBool(text)
	}
	switch {
	case id == "":
		say(w, http.StatusBadRequest, "missing secretId parameter")
		return
	case err != nil:
		say(w, http.StatusBadRequest, "invalid refreshNow value")
		return
	}
	found, err := s.agent.Get(r.Context(), Query{ID: id, Version: query.Get("versionId"), Stage: query.Get("versionStage")}, refresh)
	if err != nil {
		fail(w, err)
		return
	}
	body, err := json.Marshal(found)
	if err != nil {
		say(w, http.StatusInternalServerError, "Internal Server Error")
		return
	}
	say(w, http.StatusOK, string(body))
}

// fail answers as the service does.
func fail(w http.ResponseWriter, err error) {
	kind, status := "InternalServiceError", http.StatusInternalServerError
	switch workflow.CodeOf(err) {
	case workflow.CodeNotFound:
		kind, status = "ResourceNotFoundException", http.StatusBadRequest
	case workflow.CodeDenied:
		kind, status = "AccessDeniedException", http.StatusBadRequest
	case workflow.CodeInvalid:
		kind, status = "InvalidRequestException", http.StatusBadRequest
	}
	body, _ := json.Marshal(map[string]string{"__type": kind, "message": workflow.TextOf(err)})
	say(w, status, string(body))
}

func say(w http.ResponseWriter, status int, text string) {
	w.Header().Set("Cache-Control", "no-store")
	w.Header().Set("X-Content-Type-Options", "nosniff")
	w.WriteHeader(status)
	_, _ = w.Write([]byte(text)) // the client may be gone
}
