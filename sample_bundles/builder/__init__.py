"""Makes the inputs of the sample cases in 3CX's true formats, with invented people and documentation addresses."""
