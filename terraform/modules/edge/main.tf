# The load balancer and its listeners. What hangs on them: targets.tf, rules.tf, access.tf, logs.tf; before them:
# dns.tf, certificates.tf, cloudfront.tf, waf.tf.
locals {
  name = var.context.name
  # Names of load balancers and target groups have at most 32 characters, of which "-api-green" takes ten.
  short = length(local.name) <= 22 ? local.name : "${trimsuffix(substr(local.name, 0, 17), "-")}-${substr(md5(local.name), 0, 4)}"

  cdn    = toset(var.edge.kind == "cloudfront" ? ["this"] : [])
  direct = toset(var.edge.kind == "alb" ? ["this"] : [])
  public = var.edge.kind == "alb" || var.edge.origin == "public_alb"

  hosts = merge(
    {
      api       = "${var.edge.api_name}.${var.edge.domain}"
      websocket = "${var.edge.websocket_name}.${var.edge.domain}"
    },
    { for _ in local.cdn : "origin" => "origin.${var.edge.domain}" },
  )
}

resource "aws_lb" "this" {
  name               = local.short
  load_balancer_type = "application"
  internal           = !local.public
  security_groups    = [aws_security_group.this.id]
  subnets            = values(local.public ? var.public_subnet_ids : var.edge_subnet_ids)

  client_keep_alive          = var.edge.alb.client_keep_alive
  desync_mitigation_mode     = "defensive"
  drop_invalid_header_fields = true
  enable_deletion_protection = var.edge.alb.deletion_protection
  enable_zonal_shift         = true
  idle_timeout               = var.edge.alb.idle_timeout

  access_logs {
    bucket  = aws_s3_bucket.logs.id
    prefix  = "alb"
    enabled = true
  }

  depends_on = [aws_s3_bucket_policy.logs] # AWS writes a test object when logging is turned on
}

resource "aws_lb_listener" "https" {
  load_balancer_arn = aws_lb.this.arn
  port              = 443
  protocol          = "HTTPS"
  ssl_policy        = "ELBSecurityPolicy-TLS13-1-2-2021-06"
  certificate_arn   = local.certificate_arn

  default_action { # what no rule of rules.tf knows
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }
}

resource "aws_lb_listener" "http" {
  for_each = local.direct # CloudFront redirects by itself

  load_balancer_arn = aws_lb.this.arn
  port              = 80
  protocol          = "HTTP"

  default_action {
    type = "redirect"

    redirect {
      port        = "443"
      protocol    = "HTTPS"
      status_code = "HTTP_301"
    }
  }
}
