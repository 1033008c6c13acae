//go:build !unix

package process

import (
	"os"
	"os/exec"
)

// alone does nothing: this system has no process groups.
func alone(*exec.Cmd) {}

// end ends the process: this system has no way to ask it.
func end(process int) error { return kill(process) }

// kill ends the process.
func kill(process int) error {
	p, err := os.FindProcess(process)
	if err != nil {
		return nil // it has ended
	}
	_ = p.Kill()
	return nil
}
