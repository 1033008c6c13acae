// Package localstack proves the AWS side without AWS: the committed stack on LocalStack and DynamoDB Local, its five
// programs as processes behind the Runtime API.
//
// "make test-localstack" runs it, and only that does, because it takes minutes. It starts emulators of its own, on
// ports of its own, since it also stops them. Where they are not installed it says so and runs no test;
// with SEGUE_REQUIRE_EMULATORS=1 that is a failure.
//
// Tables of the stack live in DynamoDB Local: LocalStack runs the same program behind a gateway in Python, which is
// ten times as slow. The contract of the store is checked on LocalStack's as well.
package localstack
