output "state" {
  description = "Where Terraform keeps the environments' states."
  value = {
    bucket      = aws_s3_bucket.state.id
    kms_key_arn = aws_kms_key.state.arn
  }

  depends_on = [aws_s3_bucket_versioning.state, aws_s3_bucket_policy.state]
}
