package ecstest

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"slices"
	"strings"
	"sync"
	"testing"
)

// Region, account and cluster of the stand-in.
const (
	Cluster    = "arn:aws:ecs:eu-west-1:123456789012:cluster/jobs"
	Definition = "arn:aws:ecs:eu-west-1:123456789012:task-definition/python:3"
	LogGroup   = "/jobs/python"

	tasks    = "AmazonEC2ContainerServiceV20141113."
	logs     = "Logs_20140328."
	fromTask = "arn:aws:ecs:eu-west-1:123456789012:task/jobs/"
)

// Object is a JSON object.
type Object = map[string]any

// Server is the stand-in. Make it with New.
type Server struct {
	URL string

	mu     sync.Mutex
	order  []string // ARNs, oldest first
	tasks  map[string]*task
	tokens map[string]string // ARN of the task, by client token
	logs   map[string][]string
	calls  []Call
	fault  func(operation string) (status int, kind string)
	place  string // why no task is placed
	hidden bool
}

// task is one that was run.
type task struct {
	request  []byte
	document Object
}

// Call is one that the stand-in saw.
type Call struct {
	Operation string
	Body      Object
}

// New starts a stand-in that ends with the test.
func New(t testing.TB) *Server {
	t.Helper()
	s := &Server{tasks: map[string]*task{}, tokens: map[string]string{}, logs: map[string][]string{}}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	s.URL = server.URL
	return s
}

// ServeHTTP answers one call.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	body, _ := io.ReadAll(r.Body)
	operation := r.Header.Get("X-Amz-Target")
	var in Object
	if json.Unmarshal(body, &in) != nil || r.Header.Get("Content-Type") != "application/x-amz-json-1.1" || r.Method != http.MethodPost {
		s.refuse(w, http.StatusBadRequest, "SerializationException", nil)
		return
	}
	name := operation[strings.LastIndex(operation, ".")+1:]
	s.calls = append(s.calls, Call{name, in})
	if s.fault != nil {
		if status, kind := s.fault(name); status != 0 {
			s.refuse(w, status, kind, nil)
			return
		}
	}
	switch operation {
	case tasks + "RunTask":
		s.run(w, in, body)
	case tasks + "DescribeTasks":
		s.describe(w, in)
	case tasks + "ListTasks":
		s.list(w, in)
	case tasks + "StopTask":
		s.stop(w, in)
	case logs + "GetLogEvents":
		s.read(w, in)
	default:
		s.refuse(w, http.StatusBadRequest, "UnknownOperationException", nil)
	}
}

func (s *Server) answer(w http.ResponseWriter, status int, out Object) {
	w.Header().Set("Content-Type", "application/x-amz-json-1.1")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(out)
}

func (s *Server) refuse(w http.ResponseWriter, status int, kind string, more Object) {
	out := Object{"__type": kind, "message": "User: arn:aws:sts::123456789012:assumed-role/x/y says no"}
	for key, value := range more {
		out[key] = value
	}
	s.answer(w, status, out)
}

func (s *Server) run(w http.ResponseWriter, in Object, body []byte) {
	token := fmt.Sprint(in["clientToken"])
	switch arn, used := s.tokens[token]; {
	case used && bytes.Equal(s.tasks[arn].request, body):
		s.answer(w, http.StatusOK, Object{"tasks": []any{s.tasks[arn].document}, "failures": []any{}})
		return
	case used:
		s.refuse(w, http.StatusBadRequest, "ConflictException", Object{"resourceIds": []string{arn}})
		return
	case in["cluster"] != Cluster:
		s.refuse(w, http.StatusBadRequest, "ClusterNotFoundException", nil)
		return
	case in["taskDefinition"] != Definition:
		s.refuse(w, http.StatusBadRequest, "ClientException", nil)
		return
	case s.place != "":
		s.answer(w, http.StatusOK, Object{"tasks": []any{}, "failures": []any{Object{"arn": Cluster, "reason": s.place}}})
		return
	}
	arn := fmt.Sprintf("%s%032d", fromTask, len(s.order)+1)
	overrides, _ := in["overrides"].(Object)
	name := ""
	if list, ok := overrides["containerOverrides"].([]any); ok && len(list) > 0 {
		name, _ = list[0].(Object)["name"].(string)
	}
	document := Object{"taskArn": arn, "clusterArn": Cluster, "taskDefinitionArn": Definition, "lastStatus": "PROVISIONING", "desiredStatus": "RUNNING",
		"startedBy": in["startedBy"], "group": in["group"], "overrides": overrides, "createdAt": 1700000000.5 + float64(len(s.order)), "tags": in["tags"],
		"containers": []any{Object{"name": name, "lastStatus": "PENDING"}, Object{"name": "sidecar", "lastStatus": "PENDING"}}}
	s.tasks[arn], s.tokens[token], s.order = &task{body, document}, arn, append(s.order, arn)
	s.answer(w, http.StatusOK, Object{"tasks": []any{document}, "failures": []any{}})
}

func (s *Server) describe(w http.ResponseWriter, in Object) {
	found, failures := []any{}, []any{}
	wanted, _ := in["tasks"].([]any)
	include, _ := in["include"].([]any)
	for _, arn := range wanted {
		known, ok := s.tasks[fmt.Sprint(arn)]
		if !ok || s.hidden {
			failures = append(failures, Object{"arn": arn, "reason": "MISSING"})
			continue
		}
		shown := Object{}
		for key, value := range known.document {
			if key != "tags" || slices.Contains(include, any("TAGS")) {
				shown[key] = value
			}
		}
		found = append(found, shown)
	}
	s.answer(w, http.StatusOK, Object{"tasks": found, "failures": failures})
}

func (s *Server) list(w http.ResponseWriter, in Object) {
	found := []string{}
	for _, arn := range s.order {
		if d := s.tasks[arn].document; !s.hidden && d["startedBy"] == in["startedBy"] && d["desiredStatus"] == in["desiredStatus"] {
			found = append(found, arn)
		}
	}
	s.answer(w, http.StatusOK, Object{"taskArns": found})
}

func (s *Server) stop(w http.ResponseWriter, in Object) {
	known, ok := s.tasks[fmt.Sprint(in["task"])]
	if !ok {
		s.refuse(w, http.StatusBadRequest, "InvalidParameterException", nil)
		return
	}
	if known.document["desiredStatus"] != "STOPPED" {
		known.document["desiredStatus"], known.document["stopCode"], known.document["stoppedReason"] = "STOPPED", "UserInitiated", in["reason"]
	}
	s.answer(w, http.StatusOK, Object{"task": known.document})
}

// read answers with the last lines first, behind an empty page: such pages are allowed, and met.
func (s *Server) read(w http.ResponseWriter, in Object) {
	lines, ok := s.logs[fmt.Sprint(in["logGroupName"], " ", in["logStreamName"])]
	if !ok {
		s.refuse(w, http.StatusBadRequest, "ResourceNotFoundException", nil)
		return
	}
	events := []any{}
	limit, _ := in["limit"].(float64)
	switch in["nextToken"] {
	case nil:
		s.answer(w, http.StatusOK, Object{"events": events, "nextBackwardToken": "b/1", "nextForwardToken": "f/1"})
		return
	case "b/1":
		for i, line := range lines[max(0, len(lines)-int(limit)):] {
			events = append(events, Object{"timestamp": 1700000000000 + i, "ingestionTime": 1700000000000, "message": line})
		}
	}
	s.answer(w, http.StatusOK, Object{"events": events, "nextBackwardToken": "b/2", "nextForwardToken": "f/1"})
}
