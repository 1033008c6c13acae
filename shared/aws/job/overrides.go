package job

import (
	"encoding/json"
	"maps"
	"math"
	"slices"
	"strconv"
	"strings"

	sdk "github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/ecs/types"

	"github.com/segue-workflows/segue/shared/runtime/container"
	"github.com/segue-workflows/segue/shared/workflow"
)

// maxOverrides is what ECS takes of overrides, in characters of their JSON.
const maxOverrides = 8192

// overridesOf turns what a step asks for into what a task does otherwise than its definition says.
func overridesOf(job container.Job, name string) (*types.TaskOverride, error) {
	if job.GPU != "" && job.GPU != "0" {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the step asks for a GPU, and Fargate has none")
	}
	one := types.ContainerOverride{Name: &name, Command: slices.Concat(job.Command, job.Args)}
	for _, key := range slices.Sorted(maps.Keys(job.Env)) {
		one.Environment = append(one.Environment, types.KeyValuePair{Name: sdk.String(key), Value: sdk.String(job.Env[key])})
	}
	out := &types.TaskOverride{}
	if err := sized(out, &one, job); err != nil {
		return nil, err
	}
	out.ContainerOverrides = []types.ContainerOverride{one}
	if text, err := json.Marshal(out); err != nil || len(text) > maxOverrides {
		return nil, workflow.Errorf(workflow.CodeInvalid, "the command and the environment of the step have %d characters with those around them; ECS takes %d: "+
			"pass a reference to what is large", len(text), maxOverrides)
	}
	return out, nil
}

// sized sets what the container may use, and a size of task in which it fits.
func sized(task *types.TaskOverride, one *types.ContainerOverride, job container.Job) error {
	cores, err := quantity("cpu", job.CPU)
	if err != nil {
		return err
	}
	bytes, err := quantity("memory", job.Memory)
	if err != nil {
		return err
	}
	disk, err := quantity("disk", job.Disk)
	if err != nil {
		return err
	}
	if cores > 0 || bytes > 0 {
		units, mebibytes := math.Ceil(cores*1024), math.Ceil(bytes/(1<<20))
		size, ok := fitting(units, mebibytes)
		if !ok {
			return workflow.Errorf(workflow.CodeInvalid, "the step asks for more than the largest task of Fargate has: 16 CPUs and 120 GiB of memory")
		}
		task.Cpu, task.Memory = sdk.String(strconv.Itoa(size.units)), sdk.String(strconv.Itoa(size.mebibytes))
		if units > 0 {
			one.Cpu = sdk.Int32(int32(units))
		}
		if mebibytes > 0 {
			one.Memory = sdk.Int32(int32(mebibytes))
		}
	}
	const least, most = 21, 200 // GiB that a task may ask for; it has 20 anyhow
	if gibibytes := math.Ceil(disk / (1 << 30)); gibibytes > most {
		return workflow.Errorf(workflow.CodeInvalid, "the step asks for more disk than the %d GiB that a task of Fargate may have", most)
	} else if gibibytes >= least {
		task.EphemeralStorage = &types.EphemeralStorage{SizeInGiB: int32(gibibytes)}
	}
	return nil
}

// size is one that tasks of Fargate may have.
type size struct{ units, mebibytes int }

// fitting returns the smallest size with room for so much.
func fitting(units, mebibytes float64) (size, bool) {
	for _, row := range []struct{ units, least, step, most int }{
		{256, 512, 512, 2048}, {512, 1024, 1024, 4096}, {1024, 2048, 1024, 8192}, {2048, 4096, 1024, 16384},
		{4096, 8192, 1024, 30720}, {8192, 16384, 4096, 61440}, {16384, 32768, 8192, 122880},
	} {
		if units > float64(row.units) || mebibytes > float64(row.most) {
			continue
		}
		for has := row.least; has <= row.most; has += row.step {
			if row.units == 256 && has == 1536 {
				continue // the one gap in the rows
			}
			if mebibytes <= float64(has) {
				return size{row.units, has}, true
			}
		}
	}
	return size{}, false
}

// units are the endings of quantities as Kubernetes writes them.
var units = []struct {
	ending string
	factor float64
}{
	{"Ki", 1 << 10}, {"Mi", 1 << 20}, {"Gi", 1 << 30}, {"Ti", 1 << 40},
	{"m", 1e-3}, {"k", 1e3}, {"M", 1e6}, {"G", 1e9}, {"T", 1e12}, {"", 1},
}

// quantity reads one; "" is 0.
func quantity(what, text string) (float64, error) {
	if text == "" {
		return 0, nil
	}
	for _, unit := range units {
		digits, ok := strings.CutSuffix(text, unit.ending)
		if !ok {
			continue
		}
		n, err := strconv.ParseFloat(digits, 64)
		if err != nil || n < 0 || math.IsInf(n, 0) || math.IsNaN(n) {
			break
		}
		return n * unit.factor, nil
	}
	return 0, workflow.Errorf(workflow.CodeInvalid, "the %s of the step must be a quantity such as 500m, 2, 512Mi or 4Gi", what)
}
