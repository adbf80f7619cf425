"""How the ranking models were made: recipes beside the weights that they write. pincite runs none of them."""
