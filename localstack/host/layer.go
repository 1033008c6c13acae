package host

import (
	"context"
	"fmt"
	"path"
	"path/filepath"

	"github.com/segue-workflows/segue/localstack/template"
)

// layerProperties are those of a layer. Like a function's, its archive is built for another machine.
type layerProperties struct {
	LayerName string

	CompatibleArchitectures, CompatibleRuntimes, Content, Description, LicenseInfo any
}

// makeLayer makes a layer known that holds one extension: a program in Go, whose folder the metadata name.
func (h *Host) makeLayer(_ context.Context, w wanted) (template.Made, error) {
	var p layerProperties
	if err := w.read(&p); err != nil {
		return template.Made{}, err
	}
	folder, ok := w.metadata["go"].(string)
	if !ok {
		return template.Made{}, fmt.Errorf(`only layers with one extension in Go can be here: its folder must be in the metadata, as "go"`)
	}
	version := arn("lambda", "layer:"+h.name(p.LayerName, w.id)+":1")
	h.layers[version] = folder
	return template.Made{Ref: version, Attributes: map[string]string{"LayerVersionArn": version}}, nil
}

// extensionsOf returns the programs of a function's layers. An extension registers by the name of its file.
func (h *Host) extensionsOf(layers []string) ([]string, error) {
	var out []string
	for _, version := range layers {
		folder, ok := h.layers[version]
		if !ok {
			return nil, fmt.Errorf("the layer %s is not of this stack", version)
		}
		out = append(out, h.extension(folder))
	}
	return out, nil
}

// extension is the file that a layer's program is built to.
func (h *Host) extension(folder string) string {
	return filepath.Join(h.options.Programs, "extensions", path.Base(folder))
}

// copiesBeside is how many copies a function may have. In Lambda each has a loopback interface of its own; here an
// extension's port is the machine's, so that only one copy can have it.
func (h *Host) copiesBeside(extensions []string) int {
	if len(extensions) > 0 {
		return 1
	}
	return h.options.Copies
}
