// Package cloud knows deployments on AWS: where one is, and how a request is signed so that its API answers.
//
// A deployment is what CDK said of its stack in a file, so finding one takes no call. It imports the names of the
// stack's outputs and nothing else of ours. It depends on the AWS SDK: its signer, and its chain of credentials
// (variables, profiles, single sign-on), because both are contracts of AWS that change without us.
//
// Guarantees: secrets of the caller reach nothing but the signature, requests are signed for the deployment's host
// only, and a body that is too large for the API is refused before it is sent.
package cloud
