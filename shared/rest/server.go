package rest

import (
	"log/slog"
	"net/http"
	"regexp"
	"strconv"
	"unicode/utf8"

	"github.com/segue-workflows/segue/shared/catalog"
	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/engine/advance"
	"github.com/segue-workflows/segue/shared/engine/trigger"
	"github.com/segue-workflows/segue/shared/survey"
	"github.com/segue-workflows/segue/shared/template"
	"github.com/segue-workflows/segue/shared/token"
	"github.com/segue-workflows/segue/shared/workflow"
)

// Deps are what the API is made of.
type Deps struct {
	Loop    *advance.Loop
	Catalog *catalog.Catalog
	Trigger *trigger.Trigger
	User    func(*http.Request) (workflow.User, error) // nil: HeaderUser
	Version string                                     // of the program, for /healthz
	Log     *slog.Logger                               // nil: nothing is logged
	Tokens  *token.Mint                                // of jobs; nil: nobody takes callbacks

	Templates *template.Templates // of jobs; nil: a view of the store's own
	Parked    *control.Parked     // messages; nil: there are none where queues are not kept
}

// server answers requests.
type server struct {
	Deps
	control *control.Control
	survey  survey.Survey
	mux     *http.ServeMux
}

// New returns the handler of the whole API.
func New(deps Deps) http.Handler {
	if deps.User == nil {
		deps.User = HeaderUser
	}
	if deps.Log == nil {
		deps.Log = slog.New(slog.DiscardHandler)
	}
	if deps.Templates == nil {
		deps.Templates = &template.Templates{Store: deps.Loop.Store, Now: deps.Loop.Clock.Now}
	}
	s := &server{Deps: deps, control: &control.Control{Trigger: deps.Trigger},
		survey: survey.Survey{Loop: deps.Loop}, mux: http.NewServeMux()}
	for _, route := range s.routes() {
		s.mux.Handle(route.pattern(), s.serve(route.handle))
	}
	for _, route := range s.templateRoutes() {
		s.mux.Handle(route.pattern(), s.serve(route.handle))
	}
	for _, route := range s.jobRoutes() {
		s.mux.Handle(route.method+" "+base+route.path, route.handle)
	}
	return http.HandlerFunc(s.dispatch)
}

// dispatch answers in JSON also where no route matches.
func (s *server) dispatch(w http.ResponseWriter, r *http.Request) {
	header := w.Header()
	header.Set("X-Content-Type-Options", "nosniff")
	header.Set("Content-Security-Policy", "default-src 'none'")
	header.Set("Cache-Control", "no-store")
	handler, pattern := s.mux.Handler(r)
	if pattern != "" {
		s.mux.ServeHTTP(w, r)
		return
	}
	// The mux knows whether the path has other methods; only its plain text is not for our clients.
	told := &silent{header: http.Header{}}
	handler.ServeHTTP(told, r)
	if told.status == http.StatusMethodNotAllowed {
		header.Set("Allow", told.header.Get("Allow"))
		s.write(w, r, http.StatusMethodNotAllowed, problem{Status: "METHOD_NOT_ALLOWED",
			Message: "this path does not take the method; it takes " + told.header.Get("Allow")})
		return
	}
	s.write(w, r, http.StatusNotFound, problem{Status: workflow.WireCode(workflow.CodeNotFound), Message: "there is nothing at this path"})
}

// silent keeps what a handler says to itself.
type silent struct {
	header http.Header
	status int
}

func (s *silent) Header() http.Header            { return s.header }
func (s *silent) Write(body []byte) (int, error) { return len(body), nil }
func (s *silent) WriteHeader(status int)         { s.status = status }

// request is an HTTP request on its way through a handler.
type request struct {
	*http.Request
	user workflow.User // of mutating calls
	body []byte        // of mutating calls
}

// handler does one thing and returns the document to answer with.
type handler func(*request) (any, error)

// serve wraps a handler: the caller and the body come before it, the document or the error after it.
func (s *server) serve(handle handler) http.Handler {
	return s.guarded(func(w http.ResponseWriter, r *http.Request) error {
		in, err := s.admit(w, r)
		if err != nil {
			return err
		}
		document, err := handle(in)
		if err == nil {
			s.succeed(w, r, document)
		}
		return err
	})
}

// guarded answers with what goes wrong in answer, which has answered itself when nothing does.
func (s *server) guarded(answer func(http.ResponseWriter, *http.Request) error) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		defer func() {
			if fault := recover(); fault != nil {
				s.Log.Error("a handler panicked", "method", r.Method, "path", r.URL.Path, "panic", fault)
				s.fail(w, r, workflow.Errorf(workflow.CodeInternal, "panic"))
			}
		}()
		if err := answer(w, r); err != nil {
			s.fail(w, r, err)
		}
	})
}

func (s *server) admit(w http.ResponseWriter, r *http.Request) (*request, error) {
	in := &request{Request: r}
	if id := r.PathValue("workflow"); id != "" && !pathID.MatchString(id) {
		return nil, workflow.Errorf(workflow.CodeNotFound, "there is no workflow of that id")
	}
	if r.Method == http.MethodGet || r.Method == http.MethodHead {
		return in, nil
	}
	var err error
	if in.user, err = s.User(r); err != nil {
		return nil, err
	}
	in.body, err = readBody(w, r)
	return in, err
}

// pathID matches the ids that a workflow can have; anything else has no place in a key.
var pathID = regexp.MustCompile(`^[_a-zA-Z0-9][._a-zA-Z0-9-]{0,255}$`)

// userHeader names the caller.
const userHeader = "user"

// HeaderUser takes the caller from the user header, and trusts it. It returns CodeInvalid when there is none.
func HeaderUser(r *http.Request) (workflow.User, error) {
	name := r.Header.Get(userHeader)
	switch {
	case name == "":
		return workflow.User{}, workflow.Errorf(workflow.CodeInvalid, "the header %q is missing; it names the caller", userHeader)
	case len(name) > workflow.MaxNameLength || !utf8.ValidString(name):
		return workflow.User{}, workflow.Errorf(workflow.CodeInvalid, "the header %q must be UTF-8 of at most %d bytes", userHeader, workflow.MaxNameLength)
	}
	return workflow.User{Name: name}, nil
}

// number reads a positive number of the path.
func (r *request) number(name string) (int64, error) {
	n, err := strconv.ParseInt(r.PathValue(name), 10, 64)
	if err != nil || n < 1 {
		return 0, workflow.Errorf(workflow.CodeInvalid, "the %s in the path must be a number from 1", name)
	}
	return n, nil
}

// flag reads a boolean of the query.
func (r *request) flag(name string, preset bool) (bool, error) {
	text := r.URL.Query().Get(name)
	if text == "" {
		return preset, nil
	}
	value, err := strconv.ParseBool(text)
	if err != nil {
		return false, workflow.Errorf(workflow.CodeInvalid, "%s in the query must be true or false", name)
	}
	return value, nil
}
