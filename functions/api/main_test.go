package main

import (
	"strings"
	"testing"

	"github.com/segue-workflows/segue/shared/aws/boot/boottest"
)

func TestRequests(t *testing.T) {
	for _, row := range []struct{ fixture, want string }{
		{"start.json", `"statusCode":200`},
		{"start.json", `\"workflow_instance_id\":2`},
		{"instance.json", `\"status\":\"IN_PROGRESS\"`},
		{"other-user.json", `"statusCode":403`},
		{"malformed.json", `"statusCode":400`},
	} {
		if answer := boottest.New(t, invoker).Invoke(row.fixture); !strings.Contains(answer, row.want) {
			t.Errorf("%s: the answer lacks %s: %s", row.fixture, row.want, answer)
		}
	}
}
