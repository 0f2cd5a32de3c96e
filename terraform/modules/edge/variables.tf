variable "context" {
  description = "What this environment is; the same object in every module."
  nullable    = false
  type = object({
    name                     = string
    application              = string
    environment              = string
    stage                    = string
    namespace                = string
    account_id               = string
    region                   = string
    dr_region                = string
    permissions_boundary_arn = string
    tags                     = map(string)
  })
}

variable "edge" {
  description = "What users reach: names, certificates, load balancer, CloudFront and its web ACL."
  nullable    = false
  type = object({
    kind                  = string # none, alb, cloudfront
    origin                = string # vpc_origin, public_alb
    origin_header_version = number
    domain                = string
    api_name              = string
    websocket_name        = string
    hosted_zone_id        = string
    certificate_arn       = string
    cdn_certificate_arn   = string
    log_days              = number
    alb = object({
      idle_timeout        = number
      client_keep_alive   = number
      deletion_protection = bool
    })
    api = object({
      deregistration_delay = number
      slow_start           = number
    })
    websocket = object({
      deregistration_delay = number
      slow_start           = number
    })
    health = object({
      interval  = number
      timeout   = number
      healthy   = number
      unhealthy = number
    })
    cloudfront = object({
      origin_timeout      = number
      origin_keep_alive   = number
      price_class         = string
      wait_for_deployment = bool
    })
    waf = object({
      mode                       = string # count, block
      requests_per_minute_per_ip = number
      api_key_header             = string
    })
  })

  validation {
    condition     = contains(["alb", "cloudfront"], var.edge.kind)
    error_message = "edge.kind is none (then this module is left out), alb or cloudfront, got \"${var.edge.kind}\"."
  }

  validation {
    condition     = contains(["vpc_origin", "public_alb"], var.edge.origin)
    error_message = "edge.origin is vpc_origin or public_alb, got \"${var.edge.origin}\"."
  }

  validation {
    condition     = var.edge.cdn_certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:us-east-1:", var.edge.cdn_certificate_arn))
    error_message = "edge.cdn_certificate_arn is in us-east-1, where CloudFront looks for it, got ${jsonencode(var.edge.cdn_certificate_arn)}."
  }

  validation {
    condition     = var.edge.certificate_arn == null || can(regex("^arn:aws[a-z-]*:acm:${var.context.region}:", var.edge.certificate_arn))
    error_message = "edge.certificate_arn is in ${var.context.region}, where the load balancer is, got ${jsonencode(var.edge.certificate_arn)}."
  }

  validation {
    condition     = var.edge.health.timeout < var.edge.health.interval
    error_message = "edge.health.timeout (${var.edge.health.timeout}) is not less than edge.health.interval (${var.edge.health.interval})."
  }

  validation {
    condition     = var.edge.kind != "cloudfront" || var.edge.cloudfront.origin_keep_alive < var.edge.alb.client_keep_alive
    error_message = "edge.cloudfront.origin_keep_alive (${var.edge.cloudfront.origin_keep_alive}) is not less than edge.alb.client_keep_alive (${var.edge.alb.client_keep_alive})."
  }

  validation {
    condition     = contains(["count", "block"], var.edge.waf.mode)
    error_message = "edge.waf.mode is count or block, got \"${var.edge.waf.mode}\"."
  }

  validation {
    condition     = var.context.stage != "production" || var.edge.kind == "cloudfront"
    error_message = "edge.kind is cloudfront in production: the web ACL stands there."
  }

  validation {
    condition     = var.context.stage != "production" || var.edge.alb.deletion_protection
    error_message = "edge.alb.deletion_protection is true in production."
  }
}

variable "edge_subnet_ids" {
  description = "Subnets of the load balancer by availability zone, where it is internal."
  type        = map(string)
  nullable    = false
}

variable "node_security_group_id" {
  description = "Security group of the nodes, which the load balancer sends to."
  type        = string
  nullable    = false
}

variable "public_subnet_ids" {
  description = "Subnets of the load balancer by availability zone, where it is public."
  type        = map(string)
  nullable    = false
}

variable "services" {
  description = "What the application offers, and how much of it one user may have."
  nullable    = false
  type = object({
    rate_limit_per_minute = number
    api                   = object({ port = number, health_path = string })
    websocket             = object({ port = number, path = string, health_path = string })
    metrics               = object({ path = string })
  })

  validation {
    condition     = var.services.api.port != var.services.websocket.port
    error_message = "services.api.port and services.websocket.port are both ${var.services.api.port}."
  }
}

variable "vpc_id" {
  description = "VPC of the load balancer."
  type        = string
  nullable    = false
}
