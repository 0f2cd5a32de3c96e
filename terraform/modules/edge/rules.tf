locals {
  _paths = { api = "/*", websocket = "${var.services.websocket.path}*" }

  # The first rule that fits wins: WebSocket paths before all others, a color that is asked for before the active one.
  _priorities = {
    websocket-blue  = 21
    websocket-green = 22
    api-blue        = 31
    api-green       = 32
    websocket       = 40
    api             = 50
  }
}

# Metrics are the cluster's own business.
resource "aws_lb_listener_rule" "metrics" {
  listener_arn = aws_lb_listener.https.arn
  priority     = 10

  action {
    type = "fixed-response"

    fixed_response {
      content_type = "text/plain"
      status_code  = "404"
    }
  }

  condition {
    path_pattern {
      values = ["${var.services.metrics.path}*"]
    }
  }
}

# A look at one color, whichever is active: `X-Opsctl-Color: green`.
resource "aws_lb_listener_rule" "color" {
  for_each = local.backends

  listener_arn = aws_lb_listener.https.arn
  priority     = local._priorities[each.key]

  action {
    type             = "forward"
    target_group_arn = aws_lb_target_group.backend[each.key].arn
  }

  condition {
    path_pattern {
      values = [local._paths[each.value.service]]
    }
  }

  condition {
    http_header {
      http_header_name = "X-Opsctl-Color"
      values           = [each.value.color]
    }
  }

  dynamic "condition" {
    for_each = local._shared

    content {
      http_header {
        http_header_name = local._secret_header
        values           = local._secrets
      }
    }
  }
}

# Users. Both colors stay attached, the idle one at weight 0, so that it is health-checked before it matters.
resource "aws_lb_listener_rule" "users" {
  for_each = local._paths

  listener_arn = aws_lb_listener.https.arn
  priority     = local._priorities[each.key]

  action {
    type = "forward"

    forward {
      target_group {
        arn    = aws_lb_target_group.backend["${each.key}-blue"].arn
        weight = 100
      }
      target_group {
        arn    = aws_lb_target_group.backend["${each.key}-green"].arn
        weight = 0
      }
    }
  }

  condition {
    path_pattern {
      values = [each.value]
    }
  }

  dynamic "condition" {
    for_each = local._shared

    content {
      http_header {
        http_header_name = local._secret_header
        values           = local._secrets
      }
    }
  }

  lifecycle {
    ignore_changes = [action[0].forward] # opsctl's: it moves the weights when it releases
  }
}
