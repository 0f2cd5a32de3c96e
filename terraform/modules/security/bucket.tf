# The trail's is lockable from the start; whether and how long it locks is said below. What they hold survives their
# environment. Who may write is in bucket_policies.tf.
resource "aws_s3_bucket" "audit" {
  for_each = local._buckets

  bucket              = each.value
  object_lock_enabled = each.key == "audit"

  tags = { evidence-for = join(" ", var.security.compliance) }
}

resource "aws_s3_bucket_versioning" "audit" {
  for_each = aws_s3_bucket.audit

  bucket = each.value.id

  versioning_configuration {
    status = "Enabled"
  }
}

resource "aws_s3_bucket_object_lock_configuration" "audit" {
  for_each = { for purpose, versioning in aws_s3_bucket_versioning.audit : purpose => versioning if purpose == "audit" && var.security.object_lock_days > 0 }

  bucket = each.value.bucket

  rule {
    default_retention { # never COMPLIANCE: nobody could shorten it, not even where the law demands erasure
      mode = "GOVERNANCE"
      days = var.security.object_lock_days
    }
  }
}

resource "aws_s3_bucket_server_side_encryption_configuration" "audit" {
  for_each = aws_s3_bucket.audit

  bucket = each.value.id

  rule {
    bucket_key_enabled = true

    apply_server_side_encryption_by_default {
      sse_algorithm     = "aws:kms"
      kms_master_key_id = aws_kms_key.audit["audit"].arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "audit" {
  for_each = aws_s3_bucket.audit

  bucket                  = each.value.bucket
  block_public_acls       = true
  block_public_policy     = true
  ignore_public_acls      = true
  restrict_public_buckets = true
}

resource "aws_s3_bucket_ownership_controls" "audit" {
  for_each = aws_s3_bucket.audit

  bucket = each.value.id

  rule {
    object_ownership = "BucketOwnerEnforced"
  }
}

resource "aws_s3_bucket_lifecycle_configuration" "audit" {
  for_each = aws_s3_bucket.audit

  bucket = each.value.id

  rule {
    id     = "archive"
    status = "Enabled"

    filter {}
    abort_incomplete_multipart_upload {
      days_after_initiation = 7
    }
    transition {
      days          = var.security.audit_log_days
      storage_class = "GLACIER"
    }
    expiration {
      days = var.security.audit_archive_days
    }
    noncurrent_version_expiration {
      noncurrent_days = 30
    }
  }

  depends_on = [aws_s3_bucket_versioning.audit]
}
