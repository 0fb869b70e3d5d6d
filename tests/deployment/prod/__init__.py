"""A package, so that a fixture can last for it."""
