package rest

import (
	"net/http"
	"strings"

	"github.com/segue-workflows/segue/shared/definition"
	"github.com/segue-workflows/segue/shared/engine/callback"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// TokenHeader is where a job shows its token.
const TokenHeader = "Segue-Token"

// jobRoutes are for jobs: the token says who calls and what for, so they name no caller and no step.
func (s *server) jobRoutes() []jobRoute {
	return []jobRoute{
		{"PUT", "/output-data", s.report(alive)},
		{"PUT", "/callbacks/heartbeat", s.report(alive)},
		{"PUT", "/callbacks/success", s.report(success)},
		{"PUT", "/callbacks/failure", s.report(failure)},
	}
}

type jobRoute struct {
	method, path string
	handle       http.Handler
}

// JobRoutes lists the routes that check a token instead of a caller, as "METHOD /path".
func JobRoutes() []string {
	var out []string
	for _, r := range (&server{}).jobRoutes() {
		out = append(out, r.method+" "+base+r.path)
	}
	return out
}

// report makes the handler of a job's report: the token is checked before the first byte of the body is read.
func (s *server) report(read func(body []byte, now int64) (runtime.Result, error)) http.Handler {
	return s.guarded(func(w http.ResponseWriter, r *http.Request) error {
		holder, err := s.holder(r)
		if err != nil {
			return err
		}
		body, err := readUpTo(w, r, workflow.MaxReportBytes)
		if err != nil {
			return err
		}
		result, err := read(body, s.Loop.Clock.Now().UnixMilli())
		if err != nil {
			return err
		}
		answer, err := (&callback.Callback{Loop: s.Loop}).Report(r.Context(), holder, result)
		if err != nil {
			return err
		}
		s.succeed(w, r, answer)
		return nil
	})
}

func (s *server) holder(r *http.Request) (token.Holder, error) {
	text := r.Header.Get(TokenHeader)
	switch {
	case s.Tokens == nil:
		return token.Holder{}, workflow.Errorf(workflow.CodeUnprocessed, "this deployment takes no callbacks")
	case text == "":
		return token.Holder{}, workflow.Errorf(workflow.CodeDenied, "the header %q is missing; it carries the token that the job was given", TokenHeader)
	}
	return s.Tokens.Parse(r.Context(), text)
}

// alive reads outputs of a job that goes on; an empty body is a sign of life and nothing more.
func alive(body []byte, _ int64) (runtime.Result, error) { return outputs(body, runtime.Continue) }

func success(body []byte, _ int64) (runtime.Result, error) { return outputs(body, runtime.Done) }

func outputs(body []byte, state runtime.State) (runtime.Result, error) {
	if strings.TrimSpace(string(body)) == "" {
		return runtime.Result{State: state}, nil
	}
	report, err := definition.ParseOutput(body)
	if err != nil {
		return runtime.Result{}, err
	}
	return runtime.Result{State: state, Output: report.Params, Artifacts: raw(report.Artifacts)}, nil
}

// blame is what the kinds of a failure mean.
var blame = map[string]runtime.State{"USER": runtime.UserError, "PLATFORM": runtime.PlatformError, "FATAL": runtime.FatalError}

func failure(body []byte, now int64) (runtime.Result, error) {
	report, err := definition.ParseFailure(body)
	if err != nil {
		return runtime.Result{}, err
	}
	result := runtime.Result{State: blame[report.Kind], Artifacts: raw(report.Artifacts)}
	if report.Message != "" {
		result.Timeline = []workflow.Event{{Timestamp: now, Type: workflow.EventLog, Level: "ERROR", Message: report.Message}}
	}
	return result, nil
}
