"""The access review (R-INT-4): who can read, change or stop each part of the system, against the settings."""
