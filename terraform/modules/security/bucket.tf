locals {
  _bucket_arn = "arn:${local.partition}:s3:::${local._bucket}"
  _bucket     = "${local.name}-${local.account}" # of 63 characters the longest name leaves none for more

  _bucket_policy = {
    Version = "2012-10-17"
    Statement = [
      {
        Sid       = "TlsOnly"
        Effect    = "Deny"
        Principal = "*"
        Action    = "s3:*"
        Resource  = [local._bucket_arn, "${local._bucket_arn}/*"]
        Condition = { Bool = { "aws:SecureTransport" = "false" } }
      },
      {
        Sid       = "ServicesLook"
        Effect    = "Allow"
        Principal = { Service = ["cloudtrail.amazonaws.com", "config.amazonaws.com"] }
        Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
        Resource  = local._bucket_arn
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        Sid       = "TrailWrites"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local._bucket_arn}/trail/AWSLogs/${local.account}/*"
        Condition = { StringEquals = { "aws:SourceArn" = local._trail_arn, "s3:x-amz-acl" = "bucket-owner-full-control" } }
      },
      {
        Sid       = "RecorderWrites"
        Effect    = "Allow"
        Principal = { Service = "config.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local._bucket_arn}/config/AWSLogs/${local.account}/*"
        Condition = { StringEquals = { "aws:SourceAccount" = local.account, "s3:x-amz-acl" = "bucket-owner-full-control" } }
      },
    ]
  }
}

# Lockable from the start; whether and how long it locks is said below. What it holds survives its environment.
resource "aws_s3_bucket" "audit" {
  for_each = local._audit

  bucket              = local._bucket
  object_lock_enabled = true

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
  for_each = var.security.object_lock_days == 0 ? {} : aws_s3_bucket_versioning.audit

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
      kms_master_key_id = aws_kms_key.audit[each.key].arn
    }
  }
}

resource "aws_s3_bucket_public_access_block" "audit" {
  for_each = aws_s3_bucket.audit

  bucket                  = each.value.id
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

resource "aws_s3_bucket_policy" "audit" {
  for_each = aws_s3_bucket_public_access_block.audit # both at once: S3 answers one of them with a conflict

  bucket = each.value.bucket
  policy = jsonencode(local._bucket_policy)
}
