//go:build unix

package process

import (
	"errors"
	"os/exec"
	"syscall"
)

// alone gives a command a process group of its own, with its own number.
func alone(command *exec.Cmd) { command.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} }

// end asks a process group to end.
func end(group int) error { return signal(group, syscall.SIGTERM) }

// kill ends a process group.
func kill(group int) error { return signal(group, syscall.SIGKILL) }

// signal takes a group that has ended meanwhile for signalled. Groups 0 and 1 are never a job's.
func signal(group int, s syscall.Signal) error {
	if group <= 1 {
		return nil
	}
	if err := syscall.Kill(-group, s); !errors.Is(err, syscall.ESRCH) {
		return err
	}
	return nil
}
