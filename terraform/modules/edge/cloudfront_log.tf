# Access logs of CloudFront in the bucket of logs.tf, by the newer of its two ways, which needs no access list.
resource "aws_cloudwatch_log_delivery_source" "this" {
  for_each = local.cdn
  provider = aws.us_east_1

  name         = local.name
  log_type     = "ACCESS_LOGS"
  resource_arn = aws_cloudfront_distribution.this[each.key].arn
}

resource "aws_cloudwatch_log_delivery_destination" "this" {
  for_each = local.cdn
  provider = aws.us_east_1

  name          = local.name
  output_format = "json"

  delivery_destination_configuration {
    destination_resource_arn = aws_s3_bucket.logs.arn
  }
}

resource "aws_cloudwatch_log_delivery" "this" {
  for_each = local.cdn
  provider = aws.us_east_1

  delivery_source_name     = aws_cloudwatch_log_delivery_source.this[each.key].name
  delivery_destination_arn = aws_cloudwatch_log_delivery_destination.this[each.key].arn

  depends_on = [aws_s3_bucket_policy.logs]
}
