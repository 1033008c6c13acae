package cli

import (
	"context"
	"crypto/sha256"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/segue-workflows/segue/shared/event"
	"github.com/segue-workflows/segue/shared/local"
)

// webhookTime is how long a webhook may take for one event.
const webhookTime = 10 * time.Second

func (s *session) eventsCommand() *cobra.Command {
	command := &cobra.Command{Use: "events", Short: "Describe the events that a server publishes"}
	command.AddCommand(&cobra.Command{
		Use: "schema [TYPE]", Short: "Print the JSON Schema of events", Args: cobra.MaximumNArgs(1),
		Long:    "Print the JSON Schema of all events, or of those of a type: " + strings.Join(event.Types, ", ") + ".",
		Example: "  segue events schema " + event.Status,
		RunE: act(func(_ context.Context, args []string) error {
			if len(args) == 0 {
				return s.printJSON(event.AnySchema())
			}
			found := event.Schema(args[0])
			if found == nil {
				return usageError{fmt.Sprintf("there is no type %q of events; there are %s", args[0], strings.Join(event.Types, ", "))}
			}
			return s.printJSON(found)
		}),
	})
	return command
}

// consumers makes those that the flag --events names. The returned function closes their files.
func (s *session) consumers(f devFlags) (out []local.Consumer, closeAll func(), err error) {
	var files []*os.File
	closeAll = func() {
		for _, file := range files {
			_ = file.Close()
		}
	}
	for _, target := range f.events {
		var publisher event.Publisher
		name, path := target, ""
		switch {
		case target == "stdout":
			publisher = &event.Lines{Out: s.out, Cloud: f.cloudEvents}
		case strings.HasPrefix(target, "file:"):
			path = strings.TrimPrefix(target, "file:")
			file, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
			if err != nil {
				closeAll()
				return nil, nil, fmt.Errorf("--events %s: %w", target, err)
			}
			files = append(files, file)
			publisher = &event.Lines{Out: file, Cloud: f.cloudEvents}
		default:
			address, err := url.Parse(target)
			if err != nil || address.Host == "" || address.Scheme != "http" && address.Scheme != "https" {
				closeAll()
				return nil, nil, usageError{fmt.Sprintf("--events %s: want stdout, file:PATH or the URL of a webhook", target)}
			}
			// The address may hold a secret, which belongs neither into keys nor into the log.
			name = fmt.Sprintf("%s-%x", address.Host, sha256.Sum256([]byte(target)))
			publisher = &event.Webhook{URL: target, Secret: s.env("SEGUE_EVENTS_SECRET"), Now: s.clock.Now, Cloud: f.cloudEvents, Client: webhookClient()}
		}
		out = append(out, local.Consumer{Name: name, Publisher: publisher})
	}
	return out, closeAll, nil
}

// webhookClient posts to the address that the operator named, and follows nobody from there.
func webhookClient() *http.Client {
	return &http.Client{Timeout: webhookTime, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}
