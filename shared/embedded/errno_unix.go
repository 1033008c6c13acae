//go:build unix

package embedded

import (
	"errors"
	"syscall"
)

func isFull(err error) bool     { return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT) }
func isReadOnly(err error) bool { return errors.Is(err, syscall.EROFS) }
func isNotFolder(err error) bool {
	return errors.Is(err, syscall.ENOTDIR) || errors.Is(err, syscall.EEXIST)
}

// isHeld tells whether a lock could not be had because another process has it.
func isHeld(err error) bool {
	return errors.Is(err, syscall.EAGAIN) // EACCES may mean the same, but not on the systems that we know
}
