package decide

import (
	"crypto/md5"

	"github.com/google/uuid"

	"github.com/segue-workflows/segue/shared/workflow"
)

// NameUUID is the reference's name-based id: version 3 over the bare bytes of the name, without a namespace.
func NameUUID(name string) string {
	sum := md5.Sum([]byte(name))
	sum[6] = sum[6]&0x0f | 0x30
	sum[8] = sum[8]&0x3f | 0x80
	return uuid.UUID(sum).String()
}

// AttemptUUID is the step uuid of an attempt. It follows from the run's uuid and the attempt's key, so
// that whoever repeats a call repeats the id.
func AttemptUUID(runUUID string, key workflow.AttemptKey) string {
	return NameUUID(runUUID + "/" + key.String())
}
