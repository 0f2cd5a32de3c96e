locals {
  backends = {
    for pair in setproduct(["api", "websocket"], ["blue", "green"]) :
    join("-", pair) => { service = pair[0], color = pair[1] }
  }
  _roles   = { api = "api", websocket = "ws" }
  _targets = { api = var.edge.api, websocket = var.edge.websocket }
}

# Two for each service, for ever: a color is a place. Pods come and go by the TargetGroupBindings of helm/edge.
resource "aws_lb_target_group" "backend" {
  for_each = local.backends

  name        = "${local.short}-${local._roles[each.value.service]}-${each.value.color}"
  port        = var.services[each.value.service].port
  protocol    = "HTTP"
  target_type = "ip"
  vpc_id      = var.vpc_id

  deregistration_delay = local._targets[each.value.service].deregistration_delay
  slow_start           = local._targets[each.value.service].slow_start
  # AWS refuses a slow start of anything but round robin.
  load_balancing_algorithm_type = local._targets[each.value.service].slow_start > 0 ? "round_robin" : "least_outstanding_requests"

  health_check { # plain HTTP on the same port: load balancers do not speak WebSocket in health checks
    path                = var.services[each.value.service].health_path
    port                = "traffic-port"
    protocol            = "HTTP"
    matcher             = "200"
    interval            = var.edge.health.interval
    timeout             = var.edge.health.timeout
    healthy_threshold   = var.edge.health.healthy
    unhealthy_threshold = var.edge.health.unhealthy
  }

  stickiness { # a cookie would pin users to the color that they should leave
    type    = "lb_cookie"
    enabled = false
  }

  lifecycle {
    ignore_changes = [port] # only for targets that name none, and pods name theirs; a change would replace the group
  }
}
