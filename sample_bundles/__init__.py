"""Sample cases: a folder each, with input, ticket, expectation, and where the shape of the input comes from."""
