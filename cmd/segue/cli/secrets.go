package cli

import (
	"github.com/segue-workflows/segue/shared/agent"
	"github.com/segue-workflows/segue/shared/secret"
)

// secrets returns what resolves the references of jobs: on one machine all of the file are for every owner, because
// whoever pushes a definition here can read the file too. Without a file there are none.
func (s *session) secrets(path string) (*secret.Binder, error) {
	if path == "" {
		return &secret.Binder{}, nil
	}
	file := agent.File{Path: path}
	if err := file.Check(); err != nil {
		return nil, usageError{"--secrets " + path + ": " + err.Error()}
	}
	return &secret.Binder{Source: agent.New(file, s.clock.Now), Policy: secret.Policy{"*": {"*"}}}, nil
}
