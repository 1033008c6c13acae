package host

import (
	"context"
	"fmt"
	"net/http"
	"strings"

	"github.com/segue-workflows/segue/localstack/template"
)

// api is the HTTP API of the stack.
type api struct {
	id           string
	integrations map[string]*function // by id
	routes       []route
}

type route struct {
	key         string // "$default", or "METHOD /path"
	function    *function
	checksByIAM bool
}

func newAPI() *api { return &api{integrations: map[string]*function{}} }

func (h *Host) makeAPI(_ context.Context, w wanted) (template.Made, error) {
	var p struct {
		ProtocolType            string
		Name, Description, Tags any
	}
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	if h.api.id != "" || p.ProtocolType != "HTTP" {
		return template.Made{}, fmt.Errorf("there can be one API here, an HTTP API")
	}
	h.api.id = w.id
	return template.Made{Ref: w.id, Attributes: map[string]string{"ApiEndpoint": h.Address(), "ApiId": w.id}}, nil
}

func (h *Host) makeStage(_ context.Context, w wanted) (template.Made, error) {
	var p struct {
		StageName                                                        string
		ApiId, AutoDeploy, DefaultRouteSettings, AccessLogSettings, Tags any
	}
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	if p.StageName != "$default" {
		return template.Made{}, fmt.Errorf("the stage must be $default here, not %s", p.StageName)
	}
	return template.Made{Ref: p.StageName}, nil
}

func (h *Host) makeIntegration(_ context.Context, w wanted) (template.Made, error) {
	var p struct {
		IntegrationType, IntegrationUri, PayloadFormatVersion string
		ApiId                                                 any
	}
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	f, ok := h.byARN[p.IntegrationUri]
	if !ok || p.IntegrationType != "AWS_PROXY" || p.PayloadFormatVersion != "2.0" {
		return template.Made{}, fmt.Errorf("only functions of the stack can serve an API here, with events of version 2.0")
	}
	h.api.integrations[w.id] = f
	return template.Made{Ref: w.id}, nil
}

func (h *Host) makeRoute(_ context.Context, w wanted) (template.Made, error) {
	var p struct {
		AuthorizationType, RouteKey, Target string
		ApiId                               any
	}
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	f, ok := h.api.integrations[strings.TrimPrefix(p.Target, "integrations/")]
	if !ok {
		return template.Made{}, fmt.Errorf("there is no integration %s", p.Target)
	}
	if p.AuthorizationType != "AWS_IAM" && p.AuthorizationType != "NONE" && p.AuthorizationType != "" {
		return template.Made{}, fmt.Errorf("nobody can check %s here", p.AuthorizationType)
	}
	h.api.routes = append(h.api.routes, route{p.RouteKey, f, p.AuthorizationType == "AWS_IAM"})
	return template.Made{Ref: w.id}, nil
}

// handler serves the routes.
func (a *api) handler(h *Host) (http.Handler, error) {
	mux := http.NewServeMux()
	seen := map[string]bool{}
	for _, r := range a.routes {
		pattern := r.pattern()
		if seen[pattern] {
			return nil, fmt.Errorf("host: two routes serve %s", r.key)
		}
		seen[pattern] = true
		mux.Handle(pattern, &front{host: h, route: r, apiID: a.id})
	}
	return mux, nil
}

// pattern is the route in the words of net/http.
func (r route) pattern() string {
	if r.key == "$default" {
		return "/"
	}
	return strings.TrimPrefix(strings.ReplaceAll(r.key, "+}", "...}"), "ANY ")
}
