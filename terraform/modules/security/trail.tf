locals {
  _trail_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "cloudtrail.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceArn" = local._trail_arn } }
    }]
  }
}

resource "aws_cloudwatch_log_group" "trail" {
  for_each = local._trail

  name              = local._trail_log_name
  retention_in_days = var.security.audit_log_days
  kms_key_id        = aws_kms_key.audit["audit"].arn
}

resource "aws_iam_role" "trail" {
  for_each = local._trail

  name                 = "${local.name}-cloudtrail"
  assume_role_policy   = jsonencode(local._trail_trust)
  permissions_boundary = var.context.permissions_boundary_arn
}

resource "aws_iam_role_policy" "trail" {
  for_each = local._trail

  name = "write"
  role = aws_iam_role.trail[each.key].id
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Effect   = "Allow"
      Action   = ["logs:CreateLogStream", "logs:PutLogEvents"]
      Resource = "${aws_cloudwatch_log_group.trail[each.key].arn}:log-stream:*"
    }]
  })
}

resource "aws_cloudtrail" "this" {
  for_each = local._trail

  name                          = local.name
  s3_bucket_name                = aws_s3_bucket_policy.audit["audit"].bucket
  s3_key_prefix                 = "trail"
  kms_key_id                    = aws_kms_key.audit["audit"].arn
  is_multi_region_trail         = true
  include_global_service_events = true
  enable_log_file_validation    = true # a chain of digests; switched off for an hour, it is broken
  cloud_watch_logs_group_arn    = "${aws_cloudwatch_log_group.trail[each.key].arn}:*"
  cloud_watch_logs_role_arn     = aws_iam_role.trail[each.key].arn

  advanced_event_selector {
    name = "Whatever is managed"

    field_selector {
      field  = "eventCategory"
      equals = ["Management"]
    }
  }

  advanced_event_selector {
    name = "Each access to Terraform's state"

    field_selector {
      field  = "eventCategory"
      equals = ["Data"]
    }
    field_selector {
      field  = "resources.type"
      equals = ["AWS::S3::Object"]
    }
    field_selector {
      field       = "resources.ARN"
      starts_with = ["arn:${local.partition}:s3:::${var.state.bucket}/"]
    }
  }

  depends_on = [aws_iam_role_policy.trail]
}

locals {
  _root = "{ $.userIdentity.type = \"Root\" && $.userIdentity.invokedBy NOT EXISTS && $.eventType != \"AwsServiceEvent\" }"
  _glass = {
    for arn in var.break_glass_role_arns :
    "break-glass-${reverse(split("/", arn))[0]}" => "{ $.eventName = \"AssumeRole*\" && $.requestParameters.roleArn = \"${arn}\" }"
  }
  _watched = length(local._trail) == 0 ? {} : merge({ root = local._root }, local._glass)
}

resource "aws_cloudwatch_log_metric_filter" "use" {
  for_each = local._watched

  name           = "${local.name}-use-of-${each.key}"
  log_group_name = aws_cloudwatch_log_group.trail["cloudtrail"].name
  pattern        = each.value

  metric_transformation {
    name      = "use-of-${each.key}"
    namespace = "opsctl/${local.name}"
    value     = "1"
  }
}

resource "aws_cloudwatch_metric_alarm" "use" {
  for_each = aws_cloudwatch_log_metric_filter.use

  alarm_name          = each.value.name
  alarm_description   = "Somebody used ${each.key} of account ${local.account}"
  namespace           = each.value.metric_transformation[0].namespace
  metric_name         = each.value.metric_transformation[0].name
  statistic           = "Sum"
  period              = 300
  evaluation_periods  = 1
  comparison_operator = "GreaterThanOrEqualToThreshold"
  threshold           = 1
  treat_missing_data  = "notBreaching"
  alarm_actions       = values(var.topic_arns)
}
