package boot

import (
	"fmt"
	"strings"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/runtime/httpstep"
	"github.com/segue-workflows/segue/shared/wire"
)

// runtimesOf returns the runtimes of a function, with what the deployment lets their steps reach.
func runtimesOf(getenv func(string) string) (*runtime.Registry, error) {
	allowed, err := httpstep.ParseAllowed(strings.Split(getenv(wire.HTTPAllow), ","))
	if err != nil {
		return nil, fmt.Errorf("boot: %s: %w", wire.HTTPAllow, err)
	}
	r := runtime.Standard()
	r.Add("Http", httpstep.New(httpstep.Options{Allowed: allowed}))
	return r, nil
}
