output "audit_bucket" {
  description = "Bucket of the audit trail; null where another environment or the organisation has it."
  value       = one([for purpose, bucket in aws_s3_bucket.audit : bucket.id if purpose == "audit"])
}

output "detector_id" {
  description = "GuardDuty's detector; null where it is managed elsewhere."
  value       = one(values(aws_guardduty_detector.this)[*].id)
}

output "trail_arn" {
  description = "The trail; null where it is managed elsewhere."
  value       = one(values(aws_cloudtrail.this)[*].arn)
}
