locals {
  # AWS Config delivers to no bucket that locks what it receives by default, so the recorder has one of its own.
  _buckets = merge(
    { for _ in local._trail : "audit" => "${local.name}-${local.account}" },
    { for _ in local._recorder : "config" => "${local.name}-config-${local.account}" },
  )
  _bucket_arns = { for purpose in ["audit", "config"] : purpose => "arn:${local.partition}:s3:::${lookup(local._buckets, purpose, "")}" }

  _tls_only = { for purpose, arn in local._bucket_arns : purpose => {
    Sid       = "TlsOnly"
    Effect    = "Deny"
    Principal = "*"
    Action    = "s3:*"
    Resource  = [arn, "${arn}/*"]
    Condition = { Bool = { "aws:SecureTransport" = "false" } }
  } }
  _writes = { "s3:x-amz-acl" = "bucket-owner-full-control" }

  # CloudTrail says which trail it writes for, AWS Config which account.
  _bucket_policies = {
    audit = [
      {
        Sid       = "TrailLooks"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
        Resource  = local._bucket_arns["audit"]
        Condition = { StringEquals = { "aws:SourceArn" = local._trail_arn } }
      },
      {
        Sid       = "TrailWrites"
        Effect    = "Allow"
        Principal = { Service = "cloudtrail.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local._bucket_arns["audit"]}/trail/AWSLogs/${local.account}/*"
        Condition = { StringEquals = merge(local._writes, { "aws:SourceArn" = local._trail_arn }) }
      },
      local._tls_only["audit"],
    ]
    config = [
      {
        Sid       = "RecorderLooks"
        Effect    = "Allow"
        Principal = { Service = "config.amazonaws.com" }
        Action    = ["s3:GetBucketAcl", "s3:ListBucket"]
        Resource  = local._bucket_arns["config"]
        Condition = { StringEquals = { "aws:SourceAccount" = local.account } }
      },
      {
        Sid       = "RecorderWrites"
        Effect    = "Allow"
        Principal = { Service = "config.amazonaws.com" }
        Action    = "s3:PutObject"
        Resource  = "${local._bucket_arns["config"]}/config/AWSLogs/${local.account}/*"
        Condition = { StringEquals = merge(local._writes, { "aws:SourceAccount" = local.account }) }
      },
      local._tls_only["config"],
    ]
  }
}

resource "aws_s3_bucket_policy" "audit" {
  for_each = aws_s3_bucket_public_access_block.audit # both at once: S3 answers one of them with a conflict

  bucket = each.value.bucket
  policy = jsonencode({ Version = "2012-10-17", Statement = local._bucket_policies[each.key] })
}
