//go:build race

package main_test

// raced tells that the tests run with the race detector, so that the server under test has it too.
const raced = true
