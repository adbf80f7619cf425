"""A follow-up made a question that stands alone, beside the answers shown so far."""
