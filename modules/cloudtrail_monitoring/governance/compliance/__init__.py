"""The compliance report (R-CMP-1): controls of published standards, and what of an environment's output shows them."""
