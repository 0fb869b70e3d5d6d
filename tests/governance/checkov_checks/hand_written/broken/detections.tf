# Detections that look alive.

resource "aws_cloudwatch_log_metric_filter" "failed_logins" {
  name           = "failed-logins"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{($.eventName=ConsoleLogin) && ($.errorMessage=\"Failed authentication\")}"
  metric_transformation {
    name      = "FailedLogins"
    namespace = "Audit"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "failed_logins" {
  alarm_name          = "failed-logins"
  metric_name         = "FailedLogins"
  namespace           = "Audit"
  statistic           = "Average"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 10
}

resource "aws_cloudwatch_metric_alarm" "misspelt" {
  alarm_name          = "misspelt"
  metric_name         = "FailedLogin"
  namespace           = "Audit"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
}

resource "aws_cloudwatch_log_metric_filter" "logins" {
  name           = "logins"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{ $.eventName = \"ConsoleLogin\" }"
  metric_transformation {
    name      = "Logins"
    namespace = "Audit"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "logins" {
  alarm_name          = "logins"
  metric_name         = "Logins"
  namespace           = "Audit"
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = 0
  alarm_actions       = [aws_sns_topic.alerts.arn]
}

# a log group that no trail writes
resource "aws_cloudwatch_log_group" "forgotten" {
  name = "forgotten"
}

resource "aws_cloudwatch_log_metric_filter" "forgotten" {
  name           = "forgotten"
  log_group_name = aws_cloudwatch_log_group.forgotten.name
  pattern        = "{ $.eventName = StopLogging }"
  metric_transformation {
    name      = "StopLogging"
    namespace = "Audit"
    value     = "1"
  }
}

resource "aws_cloudwatch_log_group" "iam_events" {
  name              = "CloudTrail/IAMEvents"
  retention_in_days = 14
}

resource "aws_sns_topic" "alerts" {
  name              = "alerts"
  kms_master_key_id = "alias/aws/sns"
}

resource "aws_sns_topic_policy" "alerts" {
  arn = aws_sns_topic.alerts.arn
  policy = jsonencode({
    Statement = [{
      Effect    = "Allow"
      Principal = { Service = "cloudwatch.amazonaws.com" }
      Action    = "sns:Publish"
      Resource  = aws_sns_topic.alerts.arn
    }]
  })
}

resource "aws_cloudwatch_event_rule" "root" {
  name          = "root"
  state         = "DISABLED"
  event_pattern = <<-JSON
    {"detail": {"userIdentity": {"type": ["Root"]}}}
  JSON
}

resource "aws_cloudwatch_event_target" "root" {
  rule = aws_cloudwatch_event_rule.root.name
  arn  = aws_lambda_function.contain.arn
}
