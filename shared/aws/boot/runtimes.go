package boot

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/segue-workflows/segue/shared/engine/decide"
	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/runtime/httpstep"
	"github.com/segue-workflows/segue/shared/wire"
)

// retentionOf returns how long the deployment keeps runs after their deadline.
func retentionOf(getenv func(string) string) (time.Duration, error) {
	text := getenv(wire.Retention)
	if text == "" {
		return decide.DefaultRetention, nil
	}
	days, err := strconv.Atoi(text)
	kept := time.Duration(days) * 24 * time.Hour
	if err != nil || kept < decide.MinRetention || kept > decide.MaxRetention {
		return 0, fmt.Errorf("boot: %s: a number of days from 1 to 3650", wire.Retention)
	}
	return kept, nil
}

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
