# What nodes are told beside what EKS tells them, in the words of either operating system.

locals {
  _node_config = <<-EOT
    MIME-Version: 1.0
    Content-Type: multipart/mixed; boundary="settings"

    --settings
    Content-Type: application/node.eks.aws

    apiVersion: node.eks.aws/v1alpha1
    kind: NodeConfig
    spec:
      kubelet:
        config:
          containerLogMaxSize: ${var.cluster.nodes.log_file_mb}Mi
          containerLogMaxFiles: ${var.cluster.nodes.log_files}

    --settings--
  EOT

  _bottlerocket_settings = <<-EOT
    [settings.kubernetes]
    container-log-max-size = "${var.cluster.nodes.log_file_mb}Mi"
    container-log-max-files = ${var.cluster.nodes.log_files}
  EOT
}
