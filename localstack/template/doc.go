// Package template reads a CloudFormation template: what it makes, in which order, and what its references
// mean once that is made.
//
// It imports the standard library only and makes nothing itself: the host does, and tells the Scope what came
// of each resource.
//
// Guarantee: nothing is guessed. A reference to what was not made, an attribute that a resource does not
// have, an intrinsic function that is not one of those below, a cycle: each is an error that names the
// resource. Resolved are Ref, Fn::GetAtt, Fn::Sub, Fn::Join, Fn::FindInMap, Fn::Select, Fn::Split, Fn::If,
// Fn::Equals and the pseudo parameter AWS::NoValue.
//
// Why not a library: those that can be had lose the references between resources, which are all that the
// local host wants to know.
package template
