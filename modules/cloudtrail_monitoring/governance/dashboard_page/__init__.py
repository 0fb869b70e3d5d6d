"""A CloudWatch dashboard as one HTML page, drawn from the dashboard's own body."""
