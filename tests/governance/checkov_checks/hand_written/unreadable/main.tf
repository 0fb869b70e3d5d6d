# A module whose caller decides everything: nothing can be told from here, so that nothing may fail.

variable "name" {}
variable "settings" {}
variable "filters" {}
variable "key_arn" {}
variable "policy" {}

provider "aws" {
  allowed_account_ids = var.settings.accounts
}

resource "aws_cloudtrail" "audit" {
  name                          = var.name
  s3_bucket_name                = aws_s3_bucket.archive.id
  enable_logging                = var.settings.enabled
  is_multi_region_trail         = var.settings.multi_region
  include_global_service_events = var.settings.multi_region
  enable_log_file_validation    = var.settings.validated
  is_organization_trail         = var.settings.organization
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.trail.arn}:*"
  cloud_watch_logs_role_arn     = aws_iam_role.delivery.arn

  dynamic "advanced_event_selector" {
    for_each = var.settings.selectors
    content {
      name = advanced_event_selector.value.name
      dynamic "field_selector" {
        for_each = advanced_event_selector.value.fields
        content {
          field  = field_selector.value.field
          equals = field_selector.value.equals
        }
      }
    }
  }
}

resource "aws_cloudwatch_log_group" "trail" {
  name              = "CloudTrail/IAMEvents${var.name}"
  retention_in_days = var.settings.retention_days
}

resource "aws_iam_role" "delivery" {
  name               = "${var.name}-delivery"
  assume_role_policy = var.policy
}

resource "aws_iam_role_policy" "delivery" {
  role   = aws_iam_role.delivery.id
  policy = var.policy
}

resource "aws_s3_bucket" "archive" {
  bucket              = var.name
  object_lock_enabled = var.settings.locked
  force_destroy       = var.settings.force_destroy
}

module "archive_settings" {
  source = "acme/bucket-settings/aws"
  bucket = aws_s3_bucket.archive.id
}

resource "aws_s3_bucket_server_side_encryption_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = var.settings.algorithm
    }
  }
}

resource "aws_s3_bucket_versioning" "archive" {
  bucket = aws_s3_bucket.archive.id
  versioning_configuration {
    status = var.settings.versioned ? "Enabled" : "Suspended"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id
  dynamic "rule" {
    for_each = var.settings.rules
    content {
      id     = rule.key
      status = rule.value.status
      transition {
        days          = rule.value.days
        storage_class = rule.value.class
      }
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id
  rule {
    default_retention {
      mode = var.settings.mode
      days = var.settings.days
    }
  }
}

resource "aws_s3_bucket_policy" "archive" {
  bucket = aws_s3_bucket.archive.id
  policy = data.aws_iam_policy_document.archive.json
}

data "aws_iam_policy_document" "archive" {
  source_policy_documents = [var.policy]
}

resource "aws_cloudwatch_log_metric_filter" "each" {
  for_each       = var.filters
  name           = each.key
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = each.value.pattern
  metric_transformation {
    name      = each.key
    namespace = var.name
    value     = "1"
  }
}

resource "aws_cloudwatch_log_metric_filter" "root" {
  name           = "root"
  log_group_name = aws_cloudwatch_log_group.trail.name
  pattern        = "{$.userIdentity.type=\"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType !=\"AwsServiceEvent\"}"
  metric_transformation {
    name      = "root"
    namespace = var.name
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "each" {
  for_each            = var.filters
  alarm_name          = each.key
  metric_name         = each.key
  namespace           = var.name
  statistic           = each.value.statistic
  period              = each.value.period
  evaluation_periods  = 1
  comparison_operator = "GreaterThanThreshold"
  threshold           = each.value.threshold
  treat_missing_data  = each.value.missing
  actions_enabled     = var.settings.enabled
  alarm_actions       = [aws_sns_topic.alerts.arn]
}

resource "aws_sns_topic" "alerts" {
  name              = var.name
  kms_master_key_id = var.key_arn
}

resource "aws_sns_topic_policy" "alerts" {
  arn    = aws_sns_topic.alerts.arn
  policy = var.policy
}

resource "aws_cloudwatch_event_rule" "each" {
  for_each      = var.filters
  name          = each.key
  state         = each.value.state
  event_pattern = each.value.event_pattern
}

resource "aws_sqs_queue" "events" {
  name           = var.name
  redrive_policy = var.settings.redrive
}

resource "aws_lambda_event_source_mapping" "events" {
  event_source_arn        = aws_sqs_queue.events.arn
  function_name           = aws_lambda_function.contain.arn
  function_response_types = var.settings.response_types
}

resource "aws_lambda_function" "contain" {
  function_name = var.name
  role          = aws_iam_role.delivery.arn
  handler       = "contain.handler"
  runtime       = "python3.13"
  filename      = "contain.zip"

  dynamic "dead_letter_config" {
    for_each = var.settings.dead_letters
    content {
      target_arn = dead_letter_config.value
    }
  }
}

resource "aws_scheduler_schedule" "sweep" {
  name                = var.name
  schedule_expression = "rate(1 hour)"
  flexible_time_window {
    mode = "OFF"
  }
  target {
    arn      = aws_lambda_function.contain.arn
    role_arn = aws_iam_role.delivery.arn
  }
}
