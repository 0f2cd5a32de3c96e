locals {
  # Policies that AWS keeps under the same ids in every account.
  _caching_disabled = "4135ea2d-6df8-44a3-9df3-4b5a84be39ad"
  _all_viewer       = "216adef6-5c7f-47e4-b989-5492eafa07d3" # every header, so Sec-WebSocket-*, too

  _private = toset(var.edge.origin == "vpc_origin" ? local.cdn : [])
  _methods = ["GET", "HEAD", "OPTIONS", "PUT", "POST", "PATCH", "DELETE"]
}

resource "aws_cloudfront_vpc_origin" "this" {
  for_each = local._private

  vpc_origin_endpoint_config {
    name                   = local.short
    arn                    = aws_lb.this.arn
    http_port              = 80
    https_port             = 443
    origin_protocol_policy = "https-only"

    origin_ssl_protocols {
      items    = ["TLSv1.2"]
      quantity = 1
    }
  }
}

resource "aws_cloudfront_response_headers_policy" "this" {
  for_each = local.cdn

  name = local.name

  security_headers_config {
    content_type_options {
      override = true
    }
    frame_options {
      frame_option = "DENY"
      override     = true
    }
    referrer_policy {
      referrer_policy = "strict-origin-when-cross-origin"
      override        = true
    }
    strict_transport_security {
      access_control_max_age_sec = 63072000
      include_subdomains         = true
      override                   = true
    }
  }

  remove_headers_config {
    items {
      header = "X-Powered-By"
    }
    items {
      header = "Server"
    }
  }
}

resource "aws_cloudfront_distribution" "this" {
  for_each = local.cdn

  comment         = local.name
  aliases         = [local.hosts["api"], local.hosts["websocket"]]
  enabled         = true
  http_version    = "http2and3" # WebSockets come by HTTP/1.1, which is always there
  is_ipv6_enabled = true
  price_class     = var.edge.cloudfront.price_class
  web_acl_id      = aws_wafv2_web_acl.this[each.key].arn

  wait_for_deployment = var.edge.cloudfront.wait_for_deployment

  origin {
    origin_id           = "alb"
    domain_name         = local.hosts["origin"] # a name of the load balancer's certificate
    connection_attempts = 2
    connection_timeout  = 5

    dynamic "vpc_origin_config" {
      for_each = aws_cloudfront_vpc_origin.this

      content {
        vpc_origin_id            = vpc_origin_config.value.id
        origin_keepalive_timeout = var.edge.cloudfront.origin_keep_alive
        origin_read_timeout      = var.edge.cloudfront.origin_timeout
      }
    }

    dynamic "custom_origin_config" {
      for_each = local._shared

      content {
        http_port                = 80
        https_port               = 443
        origin_keepalive_timeout = var.edge.cloudfront.origin_keep_alive
        origin_protocol_policy   = "https-only"
        origin_read_timeout      = var.edge.cloudfront.origin_timeout
        origin_ssl_protocols     = ["TLSv1.2"]
      }
    }

    dynamic "custom_header" {
      for_each = local._shared

      content {
        name  = local._secret_header
        value = terraform_data.origin_secret[tostring(var.edge.origin_header_version)].output
      }
    }
  }

  default_cache_behavior {
    target_origin_id           = "alb"
    allowed_methods            = local._methods
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = local._caching_disabled
    compress                   = true
    origin_request_policy_id   = local._all_viewer
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this[each.key].id
    viewer_protocol_policy     = "redirect-to-https"
  }

  ordered_cache_behavior {
    path_pattern               = local._paths.websocket
    target_origin_id           = "alb"
    allowed_methods            = local._methods
    cached_methods             = ["GET", "HEAD"]
    cache_policy_id            = local._caching_disabled
    compress                   = false
    origin_request_policy_id   = local._all_viewer
    response_headers_policy_id = aws_cloudfront_response_headers_policy.this[each.key].id
    viewer_protocol_policy     = "https-only" # a client does not follow a redirect of its upgrade
  }

  restrictions {
    geo_restriction {
      restriction_type = "none"
    }
  }

  viewer_certificate {
    acm_certificate_arn      = local.cdn_certificate_arn
    minimum_protocol_version = "TLSv1.2_2021"
    ssl_support_method       = "sni-only"
  }

  depends_on = [aws_lb_listener_rule.color, aws_lb_listener_rule.users] # they take a new secret before it is sent
}
