"""The rows of the acceptance matrix: one fault each, and the right answer to it."""
