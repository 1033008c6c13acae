package cli

import (
	"context"
	"runtime"
	"runtime/debug"

	"github.com/spf13/cobra"
)

// release is set by the linker.
var release = ""

func (s *session) versionCommand() *cobra.Command {
	asJSON := false
	command := &cobra.Command{
		Use: "version", Short: "Print the version of this program", Args: cobra.NoArgs,
		Example: "  segue version --json",
		RunE: act(func(context.Context, []string) error {
			name, revision := build()
			if asJSON {
				return s.printJSON(map[string]string{"version": name, "revision": revision, "go": runtime.Version(), "platform": runtime.GOOS + "/" + runtime.GOARCH})
			}
			s.say("segue %s %s %s %s/%s", name, revision, runtime.Version(), runtime.GOOS, runtime.GOARCH)
			return nil
		}),
	}
	command.Flags().BoolVar(&asJSON, "json", false, "print JSON")
	return command
}

// build returns the name of the release and the revision that the program was built from.
func build() (name, revision string) {
	name, revision = "dev", "unknown"
	if info, ok := debug.ReadBuildInfo(); ok {
		for _, setting := range info.Settings {
			if setting.Key == "vcs.revision" {
				revision = setting.Value[:min(len(setting.Value), 12)]
			}
		}
	}
	if release != "" {
		name = release
	}
	return name, revision
}

func releaseName() string {
	name, _ := build()
	return name
}
