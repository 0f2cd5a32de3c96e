locals {
  zone_id = coalesce(var.edge.hosted_zone_id, one(values(aws_route53_zone.this)[*].zone_id))

  _alb = { name = aws_lb.this.dns_name, zone_id = aws_lb.this.zone_id }
  _front = var.edge.kind != "cloudfront" ? local._alb : {
    name    = one(values(aws_cloudfront_distribution.this)[*].domain_name)
    zone_id = one(values(aws_cloudfront_distribution.this)[*].hosted_zone_id)
  }
  _types = var.edge.kind == "cloudfront" ? ["A", "AAAA"] : ["A"] # the load balancer has no IPv6

  _addresses = merge(
    {
      for pair in setproduct(["api", "websocket"], local._types) :
      join("-", pair) => { name = local.hosts[pair[0]], type = pair[1], target = local._front }
    },
    { for _ in local.cdn : "origin-A" => { name = local.hosts["origin"], type = "A", target = local._alb } },
  )
}

resource "aws_route53_zone" "this" {
  for_each = toset(var.edge.hosted_zone_id == null ? ["this"] : [])

  name    = var.edge.domain
  comment = "Public names of ${local.name}"
}

resource "aws_route53_record" "address" {
  for_each = local._addresses

  zone_id = local.zone_id
  name    = each.value.name
  type    = each.value.type

  alias {
    name                   = each.value.target.name
    zone_id                = each.value.target.zone_id
    evaluate_target_health = false # there is no other place to go to
  }
}
