package workflow

import (
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"
)

// Inline prefixes: workflows with such ids are the bodies of loops, and have no version of their own.
const (
	foreachPrefix = "maestro_foreach_"
	whilePrefix   = "maestro_while_"
)

// Inline tells whether id names the body of a loop.
func Inline(id ID) bool {
	return strings.HasPrefix(id, foreachPrefix) || strings.HasPrefix(id, whilePrefix)
}

// InlineID names the workflow whose instances are the iterations of a loop: of step in an instance of parent.
// internalID is that of the workflow that holds the definition, and home the instance of it that all is part of.
func InlineID(kind StepKind, internalID, home int64, parent RunKey, step StepID) ID {
	prefix := foreachPrefix
	if kind == KindWhile {
		prefix = whilePrefix
	}
	sum := md5.Sum([]byte(fmt.Sprintf("%s%d%s", step, parent.Instance, parent.Workflow)))
	return prefix + base62(internalID) + "_" + rankOf(home) + "_" + hex.EncodeToString(sum[:])
}

const digits62 = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// base62 writes n with its least significant digit first.
func base62(n int64) string {
	var out []byte
	for rest := uint64(n); ; rest /= 62 {
		out = append(out, digits62[rest%62])
		if rest < 62 {
			return string(out)
		}
	}
}

// rankOf writes n so that texts sort as the numbers do: how many digits, then the digits.
func rankOf(n int64) string {
	digits := []byte(base62(n))
	slices.Reverse(digits)
	return string(digits62[len(digits)]) + string(digits)
}
