locals {
  _flow_log_trust = {
    Version = "2012-10-17"
    Statement = [{
      Effect    = "Allow"
      Action    = "sts:AssumeRole"
      Principal = { Service = "vpc-flow-logs.amazonaws.com" }
      Condition = { StringEquals = { "aws:SourceAccount" = var.context.account_id } }
    }]
  }
  _flow_log_rights = {
    Version = "2012-10-17"
    Statement = [
      {
        Effect   = "Allow"
        Action   = ["logs:CreateLogStream", "logs:PutLogEvents", "logs:DescribeLogStreams"]
        Resource = [for group in aws_cloudwatch_log_group.flow : "${group.arn}:*"]
      },
      { # how the service finds the group; cannot be limited to one
        Effect   = "Allow"
        Action   = "logs:DescribeLogGroups"
        Resource = "*"
      },
    ]
  }
}

resource "aws_cloudwatch_log_group" "flow" {
  count = local.made ? 1 : 0

  name              = "/aws/vpc/${var.context.name}/flow"
  retention_in_days = var.network.flow_log_days
}

resource "aws_iam_role" "flow" {
  count = local.made ? 1 : 0

  name                 = "${var.context.name}-flow-log"
  assume_role_policy   = jsonencode(local._flow_log_trust)
  permissions_boundary = var.context.permissions_boundary_arn
}

resource "aws_iam_role_policy" "flow" {
  count = local.made ? 1 : 0

  name   = "write"
  role   = aws_iam_role.flow[0].id
  policy = jsonencode(local._flow_log_rights)
}

resource "aws_flow_log" "this" {
  count = local.made ? 1 : 0

  vpc_id                   = aws_vpc.this[0].id
  traffic_type             = "ALL"
  iam_role_arn             = aws_iam_role.flow[0].arn
  log_destination          = aws_cloudwatch_log_group.flow[0].arn
  max_aggregation_interval = 600

  tags = { Name = var.context.name }
}
