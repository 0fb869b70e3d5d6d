# A responder behind a queue, and one that a schedule calls.

resource "aws_sqs_queue" "events" {
  name = "events"
  redrive_policy = jsonencode({
    deadLetterTargetArn = aws_sqs_queue.dead_letters.arn
    maxReceiveCount     = 5
  })
}

resource "aws_sqs_queue" "dead_letters" {
  name = "dead-letters"
}

resource "aws_lambda_event_source_mapping" "events" {
  event_source_arn        = aws_sqs_queue.events.arn
  function_name           = aws_lambda_function.contain.arn
  function_response_types = ["ReportBatchItemFailures"]
}

resource "aws_lambda_function" "contain" {
  function_name = "contain"
  role          = aws_iam_role.contain.arn
  handler       = "contain.handler"
  runtime       = "python3.13"
  filename      = "contain.zip"
}

resource "aws_lambda_function" "release" {
  function_name = "release"
  role          = aws_iam_role.contain.arn
  handler       = "release.handler"
  runtime       = "python3.13"
  filename      = "release.zip"

  dead_letter_config {
    target_arn = aws_sqs_queue.dead_letters.arn
  }
}

resource "aws_scheduler_schedule" "sweep" {
  name                = "sweep"
  schedule_expression = "rate(1 hour)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_lambda_function.release.arn
    role_arn = aws_iam_role.contain.arn
  }
}

resource "aws_iam_role" "contain" {
  name               = "contain"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "contain" {
  role = aws_iam_role.contain.name
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["iam:PutUserPolicy", "iam:DeleteUserPolicy"]
        Resource = "arn:aws:iam::444455556666:user/*"
      },
      {
        Effect   = "Deny"
        Action   = "iam:PutUserPolicy"
        Resource = "arn:aws:iam::444455556666:user/break-glass/*"
      },
    ]
  })
}
