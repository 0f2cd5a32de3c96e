locals {
  _tag_keys = ["application", "environment", "managed-by"] # put on everything by the provider's default tags

  # What Security Hub's standards do not ask anyway.
  _rules = {
    required-tags = {
      asks  = "REQUIRED_TAGS"
      input = jsonencode({ for number, key in local._tag_keys : "tag${number + 1}Key" => key })
    }
    root-without-keys = { asks = "IAM_ROOT_ACCESS_KEY_CHECK", input = null }
    ssh-not-for-all   = { asks = "INCOMING_SSH_DISABLED", input = null }
    volumes-encrypted = { asks = "ENCRYPTED_VOLUMES", input = null }
  }
}

# AWS allows one role for the recorder: the service-linked one of Config.
resource "aws_iam_service_linked_role" "config" {
  for_each = local._recorder

  aws_service_name = "config.amazonaws.com"
}

resource "aws_config_configuration_recorder" "this" {
  for_each = local._recorder

  name     = local.name
  role_arn = aws_iam_service_linked_role.config[each.key].arn

  recording_group {
    all_supported                 = true
    include_global_resource_types = true
  }

  recording_mode {
    recording_frequency = "CONTINUOUS"

    recording_mode_override { # nodes come and go all day, and each change of each of their parts is paid for
      recording_frequency = "DAILY"
      resource_types      = ["AWS::EC2::Instance", "AWS::EC2::NetworkInterface", "AWS::EC2::Volume"]
    }
  }
}

resource "aws_config_delivery_channel" "this" {
  for_each = local._recorder

  name           = local.name
  s3_bucket_name = aws_s3_bucket_policy.audit["config"].bucket
  s3_key_prefix  = "config"
  s3_kms_key_arn = aws_kms_key.audit["audit"].arn

  depends_on = [aws_config_configuration_recorder.this]
}

resource "aws_config_configuration_recorder_status" "this" {
  for_each = local._recorder

  name       = aws_config_configuration_recorder.this[each.key].name
  is_enabled = true

  depends_on = [aws_config_delivery_channel.this]
}

resource "aws_config_config_rule" "this" {
  for_each = { for name, rule in local._rules : name => rule if length(local._recorder) > 0 }

  name             = "${local.name}-${each.key}"
  input_parameters = each.value.input

  source {
    owner             = "AWS"
    source_identifier = each.value.asks
  }

  depends_on = [aws_config_configuration_recorder.this]
}
