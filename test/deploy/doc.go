// Package deploy proves that the stack deploys as a whole: CDK's own command line bootstraps ministack, an emulator,
// and deploys the unchanged stack on it, and the segue command then pushes and runs workflows through its HTTP API,
// with its requests signed. The stack's schedule of each minute fires for real.
//
// What the emulator cannot make is listed in omissions by name and with the reason, and left out of the template
// right before it is deployed; everything else must be there afterwards. The programs are built for this machine
// instead of arm64, for the emulator runs them as processes. It does not check signatures or policies: least
// privilege is the affair of infra's tests.
//
// It needs Python, node and a minute, and so runs only when SEGUE_TEST_DEPLOY is set: make test-deploy.
package deploy
