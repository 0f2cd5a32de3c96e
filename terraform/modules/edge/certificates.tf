locals {
  certificate_arn     = coalesce(var.edge.certificate_arn, one(values(aws_acm_certificate_validation.home)[*].certificate_arn))
  cdn_certificate_arn = var.edge.kind != "cloudfront" ? null : coalesce(var.edge.cdn_certificate_arn, one(values(aws_acm_certificate_validation.cdn)[*].certificate_arn))

  # ACM asks for the same records in every region, so that one set proves both certificates.
  _issued = concat(values(aws_acm_certificate.home), values(aws_acm_certificate.cdn))
  _proofs = length(local._issued) == 0 ? {} : { for option in local._issued[0].domain_validation_options : option.domain_name => option }
}

resource "aws_acm_certificate" "home" {
  for_each = toset(var.edge.certificate_arn == null ? ["this"] : [])

  domain_name               = local.hosts["api"]
  subject_alternative_names = [for role, host in local.hosts : host if role != "api"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true # a listener is using it
  }
}

resource "aws_acm_certificate" "cdn" {
  for_each = toset(var.edge.cdn_certificate_arn == null ? local.cdn : [])
  provider = aws.us_east_1

  domain_name               = local.hosts["api"]
  subject_alternative_names = [for role, host in local.hosts : host if role != "api"]
  validation_method         = "DNS"

  lifecycle {
    create_before_destroy = true # CloudFront is using it
  }
}

# They stay: ACM renews a certificate only while it finds them.
resource "aws_route53_record" "proof" {
  for_each = length(local._issued) == 0 ? {} : local.hosts

  zone_id         = local.zone_id
  name            = local._proofs[each.value].resource_record_name
  type            = local._proofs[each.value].resource_record_type
  records         = [local._proofs[each.value].resource_record_value]
  ttl             = 300
  allow_overwrite = true # another certificate of the same name asked for the same one
}

resource "aws_acm_certificate_validation" "home" {
  for_each = aws_acm_certificate.home

  certificate_arn = each.value.arn

  depends_on = [aws_route53_record.proof]
}

resource "aws_acm_certificate_validation" "cdn" {
  for_each = aws_acm_certificate.cdn
  provider = aws.us_east_1

  certificate_arn = each.value.arn

  depends_on = [aws_route53_record.proof]
}
