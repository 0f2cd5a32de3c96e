# Metrics of the application, collected from every pod by AWS's scraper, or written by one of your own, and judged by the
# rules in rules.tf.
locals {
  _prometheus = toset(var.observability.prometheus == "none" ? [] : ["this"])
  _scraped    = toset(var.observability.prometheus == "managed" && var.cluster != null ? ["this"] : [])

  _pod_label = "__meta_kubernetes_pod_label"
  _scraping = {
    global = { scrape_interval = "30s" }
    scrape_configs = [{
      job_name              = "application"
      metrics_path          = var.observability.scrape.path
      kubernetes_sd_configs = [{ role = "pod", namespaces = { names = [var.context.namespace] } }]
      relabel_configs = [
        { action = "keep", source_labels = ["${local._pod_label}_app_kubernetes_io_name"], regex = var.context.application },
        { action = "keep", source_labels = ["__meta_kubernetes_pod_container_port_number"], regex = tostring(var.observability.scrape.port) },
        { action = "replace", source_labels = ["${local._pod_label}_opsctl_color"], target_label = "color" },
        { action = "replace", source_labels = ["__meta_kubernetes_pod_name"], target_label = "pod" },
      ]
    }]
  }

  _receivers = {
    for name, topic in aws_sns_topic.this : name => {
      topic_arn     = topic.arn
      sigv4         = { region = var.context.region }
      send_resolved = true
      subject       = "${local.name}: {{ .CommonLabels.alertname }}"
    }
  }
  _routing = {
    route = {
      receiver        = "ticket"
      group_by        = ["alertname", "color"]
      group_wait      = "30s"
      group_interval  = "5m"
      repeat_interval = "12h"
      routes = [
        { receiver = "nobody", matchers = ["severity=\"none\""] },
        { receiver = "page", matchers = ["severity=\"page\""], repeat_interval = "4h" },
      ]
    }
    receivers = [
      { name = "nobody" },
      { name = "page", sns_configs = [local._receivers["page"], local._receivers["ticket"]] },
      { name = "ticket", sns_configs = [local._receivers["ticket"]] },
    ]
    inhibit_rules = [{ source_matchers = ["severity=\"page\""], target_matchers = ["severity=\"ticket\""], equal = ["promise"] }]
  }
}

# A name with this beginning keeps the group out of a resource policy that can only grow to so many groups.
resource "aws_cloudwatch_log_group" "prometheus" {
  for_each = local._prometheus

  name              = "/aws/vendedlogs/prometheus/${local.name}"
  retention_in_days = var.observability.log_days
  kms_key_id        = aws_kms_key.this.arn
}

resource "aws_prometheus_workspace" "this" {
  for_each = local._prometheus

  alias       = local.name
  kms_key_arn = aws_kms_key.this.arn

  logging_configuration {
    log_group_arn = "${aws_cloudwatch_log_group.prometheus[each.key].arn}:*"
  }
}

resource "aws_prometheus_scraper" "this" {
  for_each = local._scraped

  alias                = local.name
  scrape_configuration = yamlencode(local._scraping)

  source {
    eks {
      cluster_arn        = var.cluster.arn
      subnet_ids         = values(var.cluster.subnet_ids)
      security_group_ids = [var.cluster.security_group_id]
    }
  }

  destination {
    amp {
      workspace_arn = aws_prometheus_workspace.this[each.key].arn
    }
  }
}

resource "aws_prometheus_rule_group_namespace" "this" {
  for_each = local._prometheus

  name         = "promises"
  workspace_id = aws_prometheus_workspace.this[each.key].id
  data         = yamlencode({ groups = local._rule_groups })
}

resource "aws_prometheus_alert_manager_definition" "this" {
  for_each = local._prometheus

  workspace_id = aws_prometheus_workspace.this[each.key].id
  definition   = yamlencode({ alertmanager_config = yamlencode(local._routing) })

  depends_on = [aws_sns_topic_policy.this]
}
