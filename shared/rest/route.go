package rest

import (
	"strings"

	"github.com/segue-workflows/segue/shared/control"
	"github.com/segue-workflows/segue/shared/definition"
)

// base is the path under which the API lives.
const base = "/api/v3"

// route is one line of the API.
type route struct {
	method, path string
	handle       handler
}

// pattern is the route as the mux reads it.
func (r route) pattern() string {
	if strings.HasPrefix(r.path, "/healthz") {
		return r.method + " " + r.path
	}
	return r.method + " " + base + r.path
}

// routes is the API on one page. GET serves HEAD as well; every other method needs a caller.
func (s *server) routes() []route {
	return []route{
		{"GET", "/healthz", s.health},

		// Definitions.
		{"POST", "/workflows", s.push(definition.JSON)},
		{"POST", "/workflows/yaml", s.push(definition.YAML)},
		{"PUT", "/workflows/actions/validate", s.validate(definition.JSON)},
		{"PUT", "/workflows/actions/validate/yaml", s.validate(definition.YAML)},
		{"GET", "/workflows/{workflow}/versions/{version}", s.version},
		{"GET", "/workflows/{workflow}/versions/pagination", s.versions},
		{"PUT", "/workflows/{workflow}/versions/{version}/actions/activate", s.activate},
		{"PUT", "/workflows/{workflow}/actions/deactivate", s.deactivate},
		{"DELETE", "/workflows/{workflow}", s.delete},
		{"GET", "/workflows/{workflow}/overview", s.overview},
		{"GET", "/workflows/{workflow}/timeline", s.timeline},

		// Properties.
		{"POST", "/workflows/{workflow}/properties", s.updateProperties},
		{"GET", "/workflows/{workflow}/properties-snapshot/{snapshot}", s.properties},
		{"POST", "/workflows/{workflow}/properties/tag", s.putTag},
		{"DELETE", "/workflows/{workflow}/properties/tag/{tag}", s.deleteTag},

		// All instances of a workflow.
		{"PUT", "/workflows/{workflow}/actions/stop", s.endAll(control.Stop)},
		{"PUT", "/workflows/{workflow}/actions/kill", s.endAll(control.Kill)},
		{"PUT", "/workflows/{workflow}/actions/unblock", s.unblockAll},

		// Instances and their runs.
		{"POST", "/workflows/{workflow}/versions/{version}/actions/start", s.start},
		{"GET", "/workflows/instances/action-map", s.instanceActions},
		{"GET", "/workflows/instances/inline-workflow-id", s.inlineID},
		{"GET", "/workflows/{workflow}/instances", s.instances},
		{"GET", "/workflows/{workflow}/instances/{instance}", s.instance},
		{"GET", "/workflows/{workflow}/instances/{instance}/cost", s.cost},
		{"GET", "/workflows/{workflow}/instances/{instance}/runs", s.runs},
		{"GET", "/workflows/{workflow}/instances/{instance}/runs/{run}", s.run},
		{"GET", "/workflows/{workflow}/instances/{instance}/inline-path", s.inlinePath},
		{"POST", "/workflows/{workflow}/instances/{instance}/actions/restart", s.restartInstance},
		{"PUT", "/workflows/{workflow}/instances/{instance}/actions/stop", s.endInstance(control.Stop)},
		{"PUT", "/workflows/{workflow}/instances/{instance}/actions/kill", s.endInstance(control.Kill)},
		{"PUT", "/workflows/{workflow}/instances/{instance}/actions/pause", s.pauseInstance()},
		{"PUT", "/workflows/{workflow}/instances/{instance}/actions/resume", s.resumeInstance()},
		{"PUT", "/workflows/{workflow}/instances/{instance}/actions/unblock", s.unblockInstance()},
		{"POST", "/workflows/{workflow}/instances/{instance}/runs/{run}/actions/restart", s.restartInstance},
		{"PUT", "/workflows/{workflow}/instances/{instance}/runs/{run}/actions/stop", s.endInstance(control.Stop)},
		{"PUT", "/workflows/{workflow}/instances/{instance}/runs/{run}/actions/kill", s.endInstance(control.Kill)},
		{"PUT", "/workflows/{workflow}/instances/{instance}/runs/{run}/actions/pause", s.pauseInstance()},
		{"PUT", "/workflows/{workflow}/instances/{instance}/runs/{run}/actions/resume", s.resumeInstance()},
		{"PUT", "/workflows/{workflow}/instances/{instance}/runs/{run}/actions/unblock", s.unblockInstance()},

		// Steps and their attempts.
		{"GET", "/workflows/steps/instances/action-map", s.stepActions},
		{"GET", "/workflows/{workflow}/instances/{instance}/steps", s.steps},
		{"GET", "/workflows/{workflow}/instances/{instance}/runs/{run}/steps", s.stepsOfRun},
		{"GET", "/workflows/{workflow}/instances/{instance}/steps/{step}", s.step},
		{"GET", "/workflows/{workflow}/instances/{instance}/runs/{run}/steps/{step}/attempts/{attempt}", s.attempt},
		{"POST", "/workflows/{workflow}/instances/{instance}/steps/{step}/actions/restart", s.restartStep},
		{"PUT", "/workflows/{workflow}/instances/{instance}/steps/{step}/actions/stop", s.endStep(control.Stop)},
		{"PUT", "/workflows/{workflow}/instances/{instance}/steps/{step}/actions/kill", s.endStep(control.Kill)},
		{"PUT", "/workflows/{workflow}/instances/{instance}/steps/{step}/actions/skip", s.endStep(control.Skip)},
		{"PUT", "/workflows/{workflow}/instances/{instance}/steps/{step}/actions/bypass", s.bypassStep},

		// Steps of loops, in all iterations in a row.
		{"GET", "/views/flatten/workflows/{workflow}/instances/{instance}/runs/{run}/steps/{step}", s.flatten},
		{"GET", "/views/flatten/workflows/{workflow}/instances/{instance}/runs/{run}/steps/{step}/iterations/{iteration}", s.flattenOne},
		{"GET", "/views/flatten/workflows/{workflow}/instances/{instance}/runs/{run}/steps/{step}/summary", s.flattenSummary},

		// Breakpoints, and what they stopped.
		{"POST", "/workflows/steps/breakpoints", s.setBreakpoint},
		{"GET", "/workflows/steps/breakpoints", s.breakpoints},
		{"DELETE", "/workflows/steps/breakpoints", s.deleteBreakpoint},
		{"GET", "/workflows/steps/breakpoints/paused-step-attempts", s.pausedAttempts},
		{"PUT", "/workflows/steps/breakpoints/{workflow}/instances/{instance}/runs/{run}/steps/{step}/attempts/{attempt}/actions/resume", s.resumeStep},

		// Signals.
		{"POST", "/signals", s.announce},
		{"GET", "/signals/{signal}/instances/{seq}", s.signal},
		{"GET", "/signals/{signal}/instances/{seq}/lineage", s.signalLineage},
		{"GET", "/workflows/{workflow}/instances/{instance}/lineage", s.runLineage},

		// Attempts that were set aside.
		{"GET", "/dead-letters", s.letters},
		{"PUT", "/dead-letters/{letter}/actions/redrive", s.redriveLetter},
		{"PUT", "/dead-letters/{letter}/actions/drop", s.dropLetter},

		// Permits of tags.
		{"POST", "/tag-permits", s.setTagPermit},
		{"GET", "/tag-permits/{tag}", s.tagPermit},
		{"DELETE", "/tag-permits/{tag}", s.deleteTagPermit},
	}
}
