"""From the text of a matrix to its model, with the place of every value and every mistake."""
