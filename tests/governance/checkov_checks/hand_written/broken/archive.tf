# A trail and its archive as they are often found.

terraform {
  backend "local" {
    path = "terraform.tfstate"
  }
}

provider "aws" {
  region = "eu-central-1"
}

resource "aws_cloudtrail" "audit" {
  name                       = "audit"
  s3_bucket_name             = aws_s3_bucket.archive.id
  enable_log_file_validation = false
  is_organization_trail      = true
  tags                       = { Environment = "production" }

  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
    field_selector {
      field      = "eventSource"
      not_equals = ["iam.amazonaws.com"]
    }
    field_selector {
      field  = "readOnly"
      equals = ["false"]
    }
  }
}

resource "aws_cloudtrail" "second" {
  name                       = "second"
  s3_bucket_name             = aws_s3_bucket.archive.id
  cloud_watch_logs_group_arn = "${aws_cloudwatch_log_group.trail.arn}:*"
  cloud_watch_logs_role_arn  = aws_iam_role.delivery.arn

  advanced_event_selector {
    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
  }
}

resource "aws_cloudtrail" "stopped" {
  name           = "stopped"
  s3_bucket_name = aws_s3_bucket.archive.id
  enable_logging = false
}

resource "aws_cloudwatch_log_group" "trail" {
  name              = "audit"
  retention_in_days = 30
}

resource "aws_iam_role" "delivery" {
  name               = "delivery"
  assume_role_policy = "{}"
}

resource "aws_iam_role_policy" "delivery" {
  role = aws_iam_role.delivery.id
  policy = jsonencode({
    Statement = [{ Effect = "Allow", Action = "logs:*", Resource = "*" }]
  })
}

# locked, but not lockable, and emptied on destroy
resource "aws_s3_bucket" "archive" {
  bucket              = "audit-logs"
  object_lock_enabled = false
  tags                = { Environment = "production" }
}

resource "aws_s3_bucket" "second" {
  bucket_prefix       = "audit-logs-"
  object_lock_enabled = true
  force_destroy       = true
}

# the companions of the other bucket are no help to the archive
resource "aws_s3_bucket_server_side_encryption_configuration" "second" {
  bucket = aws_s3_bucket.second.id
  rule {
    apply_server_side_encryption_by_default {
      sse_algorithm = "aws:kms"
    }
  }
}

resource "aws_s3_bucket_versioning" "second" {
  bucket = aws_s3_bucket.second.id
  versioning_configuration {
    status = "Suspended"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "second" {
  bucket = aws_s3_bucket.second.id
  rule {
    id     = "early"
    status = "Enabled"
    transition {
      days          = 1
      storage_class = "GLACIER"
    }
  }
}

resource "aws_s3_bucket_object_lock_configuration" "archive" {
  bucket = aws_s3_bucket.archive.id
}

resource "aws_s3_bucket_public_access_block" "second" {
  bucket = aws_s3_bucket.second.id
}

resource "aws_s3_bucket_ownership_controls" "second" {
  bucket = aws_s3_bucket.second.id
  rule {
    object_ownership = "ObjectWriter"
  }
}

resource "aws_s3_bucket_logging" "second" {
  bucket        = aws_s3_bucket.second.id
  target_bucket = aws_s3_bucket.second.id
  target_prefix = "logs/"
}

resource "aws_s3_bucket_policy" "archive" {
  bucket = aws_s3_bucket.archive.id
  policy = data.aws_iam_policy_document.archive.json
}

data "aws_iam_policy_document" "archive" {
  statement {
    actions   = ["s3:PutObject"]
    resources = ["${aws_s3_bucket.archive.arn}/AWSLogs/*"]
    principals {
      type        = "Service"
      identifiers = ["cloudtrail.amazonaws.com"]
    }
  }
}
