# The name has to begin with aws-waf-logs-.
resource "aws_cloudwatch_log_group" "waf" {
  for_each = local.cdn
  provider = aws.us_east_1

  name              = "aws-waf-logs-${local.name}"
  retention_in_days = var.edge.log_days
}

resource "aws_wafv2_web_acl_logging_configuration" "this" {
  for_each = local.cdn
  provider = aws.us_east_1

  resource_arn            = aws_wafv2_web_acl.this[each.key].arn
  log_destination_configs = [aws_cloudwatch_log_group.waf[each.key].arn]

  dynamic "redacted_fields" {
    for_each = toset(["authorization", "cookie", var.edge.waf.api_key_header])

    content {
      single_header {
        name = redacted_fields.value
      }
    }
  }
}
