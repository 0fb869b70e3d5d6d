# A responder that loses events and holds everybody.

resource "aws_sqs_queue" "events" {
  name = "events"
}

resource "aws_lambda_event_source_mapping" "events" {
  event_source_arn = aws_sqs_queue.events.arn
  function_name    = aws_lambda_function.contain.arn
}

resource "aws_lambda_function" "contain" {
  function_name = "contain"
  role          = aws_iam_role.contain.arn
  handler       = "contain.handler"
  runtime       = "python3.13"
  filename      = "contain.zip"
}

resource "aws_iam_role" "contain" {
  name               = "contain"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "contain" {
  role = aws_iam_role.contain.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "iam:*", Resource = "*" }]
  })
}
