package cli

import (
	"context"

	"github.com/segue-workflows/segue/cmd/segue/cloud"
)

// reach leads the commands to the deployment of --stage, if there is one: its address and the caller's signature.
// Who calls is what AWS says there, so no user is named unless he was asked for.
func (s *session) reach(ctx context.Context, userNamed bool) error {
	if s.stage == "" {
		return nil
	}
	deployment, err := cloud.Load(s.stage, s.env)
	if err != nil {
		return acted{err}
	}
	signer, err := cloud.NewSigner(ctx, deployment, s.clock.Now)
	if err != nil {
		return acted{err}
	}
	s.address, s.transport = deployment.Address, signer
	if !userNamed {
		s.user = ""
	}
	return nil
}
