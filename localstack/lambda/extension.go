package lambda

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"time"
)

// Times of extensions, as AWS gives them.
const (
	registerTime = 10 * time.Second // from the start of an environment until all are registered and ready
	shutdownTime = 2 * time.Second  // for the end of an environment
)

// extension is a program that runs beside one copy of a function.
type extension struct {
	owner   *process
	name    string // of its file, by which it registers
	id      string // given when it registers
	command *exec.Cmd
	ready   chan struct{} // closed when it asks for its first event
	events  chan []byte   // takes the one that ends it
	exited  chan struct{} // closed when it has ended

	registered chan struct{} // closed when it has registered

	mu    sync.Mutex
	waits bool
}

// startExtensions starts the programs beside a copy, and waits until all have registered: the function's own program
// starts after them.
func (p *process) startExtensions() error {
	for i, program := range p.function.Extensions {
		e := &extension{owner: p, name: filepath.Base(program), id: fmt.Sprint(p.id, "-extension-", i+1), ready: make(chan struct{}),
			events: make(chan []byte, 1), exited: make(chan struct{}), registered: make(chan struct{})}
		e.command = exec.Command(program)
		e.command.Env = append(p.function.variables(), "AWS_LAMBDA_RUNTIME_API="+p.function.service.address(p))
		e.command.Stdout, e.command.Stderr = p.function.Output, p.function.Output
		if err := e.command.Start(); err != nil {
			return fmt.Errorf("lambda: start the extension %s: %w", e.name, err)
		}
		p.mu.Lock()
		p.extensions = append(p.extensions, e)
		p.mu.Unlock()
		go e.watch()
	}
	return p.await(func(e *extension) <-chan struct{} { return e.registered })
}

// await waits for something of all extensions.
func (p *process) await(what func(*extension) <-chan struct{}) error {
	late := time.After(registerTime)
	for _, e := range p.extensions {
		select {
		case <-what(e):
		case <-e.exited:
			return fmt.Errorf("lambda: the extension %s ended before it was ready", e.name)
		case <-late:
			return fmt.Errorf("lambda: the extension %s was not ready within %v", e.name, registerTime)
		}
	}
	return nil
}

// watch ends the whole environment when an extension ends before it.
func (e *extension) watch() {
	_ = e.command.Wait()
	close(e.exited)
	if e.owner.alive() {
		e.owner.kill(failure)
	}
}

// endExtensions tells the extensions of a copy that ended why, gives them time, and kills them.
func (p *process) endExtensions() {
	if len(p.extensions) == 0 {
		return
	}
	p.mu.Lock()
	reason := p.end
	p.mu.Unlock()
	deadline := time.Now().Add(shutdownTime)
	event, _ := json.Marshal(map[string]any{"eventType": "SHUTDOWN", "shutdownReason": reason, "deadlineMs": deadline.UnixMilli()})
	for _, e := range p.extensions {
		e.events <- event
	}
	late := time.After(shutdownTime)
	for _, e := range p.extensions {
		select {
		case <-e.exited:
		case <-late:
			p.note("the extension " + e.name + " is killed: it did not end by itself")
			late = time.After(0)
			_ = e.command.Process.Kill()
			<-e.exited
		}
	}
}

const extensionPrefix = "/{process}/2020-01-01/extension/"

// extensionsAPI is what extensions call.
func extensionsAPI(handle func(pattern string, serve func(*process, http.ResponseWriter, *http.Request))) {
	handle("POST "+extensionPrefix+"register", (*process).serveRegister)
	known := func(serve func(*extension, http.ResponseWriter, *http.Request)) func(*process, http.ResponseWriter, *http.Request) {
		return func(p *process, w http.ResponseWriter, r *http.Request) {
			e := p.extension(func(e *extension) bool { return e.known() && e.id == r.Header.Get("Lambda-Extension-Identifier") })
			if e == nil {
				refuse(w, http.StatusForbidden, "Extension.UnknownExtensionIdentifier")
				return
			}
			serve(e, w, r)
		}
	}
	handle("GET "+extensionPrefix+"event/next", known((*extension).serveNext))
	handle("POST "+extensionPrefix+"init/error", known((*extension).serveError))
	handle("POST "+extensionPrefix+"exit/error", known((*extension).serveError))
}

func (p *process) extension(wanted func(*extension) bool) *extension {
	p.mu.Lock()
	defer p.mu.Unlock()
	if i := slices.IndexFunc(p.extensions, wanted); i >= 0 {
		return p.extensions[i]
	}
	return nil
}

func refuse(w http.ResponseWriter, status int, kind string) {
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(map[string]string{"errorType": kind, "errorMessage": kind})
}

// serveRegister makes an extension known, by the name of its file. Only the event SHUTDOWN is delivered here.
func (p *process) serveRegister(w http.ResponseWriter, r *http.Request) {
	var asked struct{ Events []string }
	body, err := io.ReadAll(io.LimitReader(r.Body, maxPayload))
	e := p.extension(func(e *extension) bool { return e.name == r.Header.Get("Lambda-Extension-Name") })
	switch {
	case e == nil:
		refuse(w, http.StatusForbidden, "Extension.UnknownExtensionName")
	case err != nil || json.Unmarshal(body, &asked) != nil:
		refuse(w, http.StatusBadRequest, "InvalidRequestFormat")
	case !slices.Equal(asked.Events, []string{"SHUTDOWN"}):
		refuse(w, http.StatusBadRequest, "Extension.UnsupportedEvent")
	case !e.register():
		refuse(w, http.StatusForbidden, "Extension.AlreadyRegistered")
	default:
		w.Header().Set("Lambda-Extension-Identifier", e.id)
		w.Header().Set("Content-Type", "application/json")
		_ = json.NewEncoder(w).Encode(map[string]string{"functionName": p.function.Name, "functionVersion": "$LATEST", "handler": "bootstrap"})
	}
}

func (e *extension) known() bool {
	select {
	case <-e.registered:
		return true
	default:
		return false
	}
}

func (e *extension) register() bool {
	e.mu.Lock()
	defer e.mu.Unlock()
	if e.known() {
		return false
	}
	close(e.registered)
	return true
}

// serveNext waits for the end. That an extension asks for an event says that it is ready.
func (e *extension) serveNext(w http.ResponseWriter, r *http.Request) {
	e.mu.Lock()
	if !e.waits {
		e.waits = true
		close(e.ready)
	}
	e.mu.Unlock()
	select {
	case <-r.Context().Done():
	case event := <-e.events:
		w.Header().Set("Content-Type", "application/json")
		_, _ = w.Write(event)
	}
}

// serveError is the end of an extension that cannot go on, and with it that of its environment.
func (e *extension) serveError(w http.ResponseWriter, r *http.Request) {
	e.owner.note("the extension " + e.name + " failed: " + r.Header.Get("Lambda-Extension-Function-Error-Type"))
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(http.StatusAccepted)
	_, _ = io.WriteString(w, `{"status":"OK"}`)
}
