package container

import (
	"encoding/json"
	"path"
	"strings"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/workflow"
)

// notebookParam holds what a Notebook step says of its notebook; the container around it is in the param kubernetes.
const notebookParam = "notebook"

// readNotebook turns a Notebook step into a job whose command is a line of papermill for the shell.
func readNotebook(call runtime.Call) (job Job, output string, err error) {
	if job, err = readJob(call, kubernetesParam); err != nil {
		return job, "", err
	}
	f := fieldsOf(call, notebookParam)
	input, output := f.text("input_path"), f.text("output_path")
	if output == "" {
		output = path.Join("/tmp", "notebook-"+call.UUID+".ipynb")
	}
	line := &strings.Builder{}
	if repo := f.text("git_repo"); repo != "" {
		clone(line, repo, f.text("git_branch"), f.text("git_commit"))
	}
	if init := strings.TrimSpace(f.text("init_command")); init != "" {
		// It is written as the beginning of a line, with its own "&&" at the end or without.
		line.WriteString(strings.TrimSuffix(init, "&&") + " && ")
	}
	line.WriteString("papermill " + quoted(input) + " " + quoted(output))
	for _, argument := range f.texts("papermill_arguments") {
		line.WriteString(" " + quoted(argument))
	}
	params, err := json.Marshal(notebookParams(call))
	if err != nil {
		return job, "", invalidf("the params cannot be passed to the notebook")
	}
	line.WriteString(" --parameters_yaml " + quoted(string(params))) // JSON is YAML
	if f.err != nil {
		return job, "", f.err
	}
	if input == "" {
		return job, "", invalidf("the param notebook.input_path is missing")
	}
	job.Command, job.Args = []string{"/bin/sh", "-c"}, []string{line.String()}
	return job, output, job.check()
}

// clone writes the commands that fetch the notebook's repository and enter it.
func clone(line *strings.Builder, repo, branch, commit string) {
	line.WriteString("git clone ")
	if branch != "" {
		line.WriteString("--branch " + quoted(branch) + " ")
	}
	line.WriteString("-- " + quoted(repo) + " notebook-repository && cd notebook-repository && ")
	if commit != "" {
		line.WriteString("git checkout --detach " + quoted(commit) + " && ")
	}
}

// notebookParams are the params of the step that its author or its template gave: what the system adds, and what
// describes the container, is no business of a notebook.
func notebookParams(call runtime.Call) *workflow.Ordered[any] {
	out := &workflow.Ordered[any]{}
	for name, p := range call.Params.All() {
		switch {
		case name == notebookParam, name == kubernetesParam, !p.Evaluated:
		case p.Source == workflow.SourceSystem, p.Source == workflow.SourceSystemDefault, p.Source == workflow.SourceSystemInjected, p.Source == "":
		default:
			out.Set(name, workflow.JSONResult(p.Result))
		}
	}
	return out
}

// quoted writes one word of a shell's line, whatever it holds.
func quoted(text string) string {
	return "'" + strings.ReplaceAll(text, "'", `'\''`) + "'"
}
