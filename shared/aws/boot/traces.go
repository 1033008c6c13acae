package boot

import (
	"fmt"
	"net"

	"github.com/segue-workflows/segue/shared/aws/tracing"
	"github.com/segue-workflows/segue/shared/wire"
)

// daemon is where Lambda says that X-Ray's daemon listens, in functions whose invocations are traced.
const daemon = "AWS_XRAY_DAEMON_ADDRESS"

// tracer returns what writes spans; nil unless the deployment asks for them. It sends nothing.
func (v *variables) tracer() (*tracing.Tracer, error) {
	address := v.get(daemon)
	if v.get(wire.Tracing) == "" || address == "" {
		return nil, nil
	}
	socket, err := net.Dial("udp", address)
	if err != nil {
		return nil, fmt.Errorf("boot: %s: %w", daemon, err)
	}
	return tracing.New(socket), nil
}
