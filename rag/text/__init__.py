"""Text as such: sentences, stems, tokens, quotes found again, bylines."""
