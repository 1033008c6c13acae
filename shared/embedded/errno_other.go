//go:build !unix

package embedded

// Without the numbers of unix the text of the system has to do.

func isFull(error) bool      { return false }
func isReadOnly(error) bool  { return false }
func isNotFolder(error) bool { return false }
func isHeld(error) bool      { return true }
