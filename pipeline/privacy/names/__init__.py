"""Names of persons, and numbers and places that lead to a person, in the words of a study: what they are, and masks for them."""
