# An archive with nothing around it, and a lock that was forgotten.

resource "aws_cloudtrail" "audit" {
  name           = "audit"
  s3_bucket_name = aws_s3_bucket.archive.bucket
}

resource "aws_s3_bucket" "archive" {
  bucket              = "audit-logs"
  object_lock_enabled = true
}
