package dispatch

import (
	"context"

	"github.com/segue-workflows/segue/shared/runtime"
	"github.com/segue-workflows/segue/shared/token"
)

// Signer makes the tokens with which jobs call back.
type Signer interface {
	// Sign returns CodeUnavailable when it cannot.
	Sign(ctx context.Context, h token.Holder) (string, error)
}

// give puts into a call what its job needs to call back. The same attempt gets the same token each time.
func (d *Dispatch) give(ctx context.Context, call *runtime.Call) error {
	if d.Signer == nil {
		return nil
	}
	var err error
	call.Callback = d.Callback
	call.Token, err = d.Signer.Sign(ctx, token.Holder{Attempt: call.Key, UUID: call.UUID})
	return err
}
