package agent

import (
	"context"
	"encoding/json"
	"os"

	"github.com/segue-workflows/segue/shared/workflow"
)

// maxFile bounds a file of secrets.
const maxFile = 4 << 20

// File is a back end for one machine: a JSON object of secrets by name, texts or objects. It is read at each load, so
// an edit counts as soon as what is kept is too old.
type File struct{ Path string }

// current is the only stage that a file has.
const current = "AWSCURRENT"

// Load returns a secret of the file.
func (f File) Load(_ context.Context, q Query) (*Secret, error) {
	all, err := f.read()
	if err != nil {
		return nil, err
	}
	raw, ok := all[q.ID]
	if !ok || q.Version != "" || q.Stage != "" && q.Stage != current {
		return nil, workflow.Errorf(workflow.CodeNotFound, "there is no secret %q of that version or stage", q.ID)
	}
	value := string(raw)
	var text string
	if json.Unmarshal(raw, &text) == nil {
		value = text
	}
	return &Secret{ARN: q.ID, Name: q.ID, VersionID: "file", SecretString: value, VersionStages: []string{current}, CreatedDate: "0"}, nil
}

// Check reads the file once. It returns CodeInvalid, with what to do, for one that cannot serve.
func (f File) Check() error {
	_, err := f.read()
	return err
}

func (f File) read() (map[string]json.RawMessage, error) {
	about, err := os.Stat(f.Path)
	if err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the file of secrets cannot be read")
	}
	if about.Mode().Perm()&0o007 != 0 {
		return nil, workflow.Errorf(workflow.CodeInvalid, "everybody may read or change the file of secrets: chmod 600 it")
	}
	if about.Size() > maxFile {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the file of secrets has %d bytes, the limit is %d", about.Size(), maxFile)
	}
	text, err := os.ReadFile(f.Path)
	if err != nil {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the file of secrets cannot be read")
	}
	var all map[string]json.RawMessage
	if json.Unmarshal(text, &all) != nil { // its error may show a piece of the text
		return nil, workflow.Errorf(workflow.CodeInvalid, `the file of secrets must be a JSON object such as {"name": "value"}`)
	}
	return all, nil
}
