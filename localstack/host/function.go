package host

import (
	"context"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"time"

	"github.com/segue-workflows/segue/localstack/lambda"
	"github.com/segue-workflows/segue/localstack/template"
)

// function is a function of the stack, and the folder of its program.
type function struct {
	*lambda.Function
	folder string
}

// functionProperties are those of a function. The archive is built for another machine: what is run here is built
// from the folder that the metadata name.
type functionProperties struct {
	FunctionName  string
	Environment   struct{ Variables map[string]string }
	MemorySize    int
	Timeout       int
	RecursiveLoop string
	Runtime       string
	Handler       string
	Layers        []string

	Architectures, Code, Description, LoggingConfig, Role, Tags, TracingConfig any
}

// makeFunction makes a function known. Its program is built when all resources are made.
func (h *Host) makeFunction(_ context.Context, w wanted) (template.Made, error) {
	p := functionProperties{MemorySize: 128, Timeout: 3}
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	folder, ok := w.metadata["go"].(string)
	if !ok || p.Handler != "bootstrap" {
		return template.Made{}, fmt.Errorf(`only programs in Go can run here: their folder must be in the metadata, as "go", and the handler "bootstrap"`)
	}
	extensions, err := h.extensionsOf(p.Layers)
	if err != nil {
		return template.Made{}, err
	}
	name := h.name(p.FunctionName, w.id)
	f := &function{folder: folder}
	f.Function = h.lambda.Add(lambda.Config{
		Name: name, ARN: arn("lambda", "function:"+name), Program: h.program(folder), Variables: h.variables(p.Environment.Variables),
		Timeout: time.Duration(p.Timeout) * time.Second, Memory: p.MemorySize, Recursion: p.RecursiveLoop == "Allow",
		Copies: h.copiesBeside(extensions), Extensions: extensions, Output: h.options.Log,
	})
	h.functions[name], h.byARN[f.ARN] = f, f
	return template.Made{Ref: name, Attributes: map[string]string{"Arn": f.ARN}}, nil
}

// variables are those of the function, and those by which its clients find the emulators.
func (h *Host) variables(own map[string]string) []string {
	out := []string{
		"AWS_REGION=" + region, "AWS_DEFAULT_REGION=" + region, "AWS_ACCESS_KEY_ID=" + h.options.Key, "AWS_SECRET_ACCESS_KEY=" + key,
		"AWS_ENDPOINT_URL=" + h.options.LocalStack, "AWS_ENDPOINT_URL_DYNAMODB=" + h.options.DynamoDB,
	}
	for _, name := range slices.Sorted(maps.Keys(own)) {
		out = append(out, name+"="+own[name])
	}
	return out
}

// program is the file that a folder's program is built to.
func (h *Host) program(folder string) string {
	return filepath.Join(h.options.Programs, path.Base(folder), "bootstrap")
}

// build builds the programs for this machine, otherwise as they are built for Lambda.
func (h *Host) build(ctx context.Context) error {
	if h.options.Built {
		return nil
	}
	for _, name := range slices.Sorted(maps.Keys(h.functions)) {
		if err := h.buildOne(ctx, h.functions[name].folder, h.functions[name].Program); err != nil {
			return err
		}
	}
	for _, version := range slices.Sorted(maps.Keys(h.layers)) {
		if err := h.buildOne(ctx, h.layers[version], h.extension(h.layers[version])); err != nil {
			return err
		}
	}
	return nil
}

func (h *Host) buildOne(ctx context.Context, folder, program string) error {
	build := exec.CommandContext(ctx, "go", "build", "-trimpath", "-tags", "lambda.norpc", "-o", program, "./"+folder)
	build.Dir = h.options.Module
	build.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := build.CombinedOutput(); err != nil {
		return fmt.Errorf("host: build %s: %w\n%s", folder, err, out)
	}
	return nil
}
