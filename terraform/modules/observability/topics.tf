locals {
  _subscribers = merge(
    { for address in var.observability.alerts.page_emails : "page ${address}" => { topic = "page", protocol = "email", endpoint = address } },
    { for address in var.observability.alerts.ticket_emails : "ticket ${address}" => { topic = "ticket", protocol = "email", endpoint = address } },
    { for address in compact([var.observability.alerts.page_webhook]) : "page webhook" => { topic = "page", protocol = "https", endpoint = address } },
  )

  # What pages makes a ticket, too: somebody still has to look into it when it is over.
  _actions = {
    page   = [aws_sns_topic.this["page"].arn, aws_sns_topic.this["ticket"].arn]
    ticket = [aws_sns_topic.this["ticket"].arn]
  }
}

resource "aws_sns_topic" "this" {
  for_each = toset(["page", "ticket"])

  name              = "${local.name}-${each.key}"
  kms_master_key_id = aws_kms_key.this.arn
}

resource "aws_sns_topic_policy" "this" {
  for_each = aws_sns_topic.this

  arn = each.value.arn
  policy = jsonencode({
    Version = "2012-10-17"
    Statement = [{
      Sid       = "Publishers"
      Effect    = "Allow"
      Action    = ["sns:GetTopicAttributes", "sns:Publish"]
      Resource  = each.value.arn
      Principal = { Service = [for name in local._publishers : "${name}.amazonaws.com"] }
      Condition = { StringEquals = { "aws:SourceAccount" = var.context.account_id } }
    }]
  })
}

# An e-mail address has to confirm; Terraform does not wait for it.
resource "aws_sns_topic_subscription" "this" {
  for_each = local._subscribers

  topic_arn              = aws_sns_topic.this[each.value.topic].arn
  protocol               = each.value.protocol
  endpoint               = each.value.endpoint
  endpoint_auto_confirms = each.value.protocol == "https"
}
