# What Fluent Bit reads on each node, and where it brings that: one file of its settings for each log group. They replace
# those of the add-on, so that none of its versions writes elsewhere, or makes a group itself.
locals {
  _bring = { # the lines of an [OUTPUT], by the group; the tag names pod and container in the stream
    for name in local._log_kinds : name => <<-EOT
      [OUTPUT]
        Name               cloudwatch_logs
        Match              ${name}.*
        region             ${var.context.region}
        log_group_name     ${aws_cloudwatch_log_group.this[name].name}
        log_stream_prefix  $${HOST_NAME}-
        auto_create_group  false
    EOT
  }

  # A node reads on where it stopped (DB), keeps on its disk what CloudWatch does not take, and stays within 50 MB of
  # memory. Its own words are left out: an error about an error would have no end.
  _application_log = <<-EOT
    [INPUT]
      Name              tail
      Tag               application.*
      Path              /var/log/containers/*.log
      Exclude_Path      /var/log/containers/*_amazon-cloudwatch_*, /var/log/containers/aws-node-*, /var/log/containers/kube-proxy-*
      multiline.parser  cri
      DB                /var/fluent-bit/state/application.db
      Read_from_Head    On
      Rotate_Wait       30
      Skip_Long_Lines   On
      Mem_Buf_Limit     50MB
      storage.type      filesystem

    # A line of JSON becomes fields below log_processed, and is not sent as text beside them: what is sent is paid for.
    [FILTER]
      Name             kubernetes
      Match            application.*
      Kube_Tag_Prefix  application.var.log.containers.
      Merge_Log        On
      Merge_Log_Key    log_processed
      Keep_Log         Off
      Labels           Off
      Annotations      Off
      Use_Kubelet      On
      Kubelet_Port     10250
      Buffer_Size      0

    ${local._bring["application"]}
  EOT

  _dataplane_log = <<-EOT
    [INPUT]
      Name              tail
      Tag               dataplane.tail.*
      Path              /var/log/containers/aws-node-*, /var/log/containers/kube-proxy-*
      multiline.parser  cri
      DB                /var/fluent-bit/state/dataplane.db
      Rotate_Wait       30
      Skip_Long_Lines   On
      Mem_Buf_Limit     50MB
      storage.type      filesystem

    [INPUT]
      Name            systemd
      Tag             dataplane.systemd.*
      Path            /var/log/journal
      Systemd_Filter  _SYSTEMD_UNIT=containerd.service
      Systemd_Filter  _SYSTEMD_UNIT=kubelet.service
      DB              /var/fluent-bit/state/dataplane-journal.db
      Read_From_Tail  On

    ${local._few_fields["dataplane.systemd"]}
    ${local._bring["dataplane"]}
  EOT

  # The kernel, and who logged in: facilities 4 and 10 of syslog.
  _host_log = <<-EOT
    [INPUT]
      Name                 systemd
      Tag                  host.*
      Path                 /var/log/journal
      Systemd_Filter       _TRANSPORT=kernel
      Systemd_Filter       SYSLOG_FACILITY=4
      Systemd_Filter       SYSLOG_FACILITY=10
      Systemd_Filter_Type  Or
      DB                   /var/fluent-bit/state/host-journal.db
      Read_From_Tail       On

    ${local._few_fields["host"]}
    ${local._bring["host"]}
  EOT

  _few_fields = { # an entry of the journal has some thirty
    for tag in ["dataplane.systemd", "host"] : tag => <<-EOT
      [FILTER]
        Name           record_modifier
        Match          ${tag}.*
        Allowlist_key  MESSAGE
        Allowlist_key  PRIORITY
        Allowlist_key  SYSLOG_IDENTIFIER
        Allowlist_key  _SYSTEMD_UNIT
    EOT
  }
}
