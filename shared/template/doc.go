// Package template keeps job templates: kinds of jobs that a platform team defines once and that steps name as their
// sub type. A template gives params, of the source TEMPLATE_SCHEMA, and tags; it may inherit from others.
//
// Guarantee: what is stored can be resolved. A push is refused when a parent is missing or when it would close a circle,
// and resolving refuses circles again, because two pushes may race. A template is read from a cache for at most
// TTL; so a changed template reaches the steps that begin later than that, and those that run keep what they have.
//
// The package may import the nouns, the params, the reader of definitions and the port of the store. The engine knows it
// as a function only: param.Runtime.Template.
package template
