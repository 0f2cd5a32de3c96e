"""Security and compliance."""

from __future__ import annotations

from opsctl.core.questions.question import Answer, category
from opsctl.core.questions.sources import AWS, OURS, SCHEMA, SETTINGS

SECURITY = category(
    5,
    "Security and compliance",
    {
        "Which domain is it, and who answers for its names and certificates?": (
            Answer("edge.domain", "the project's domain", "the project's report"),
            Answer("edge.certificate_arn", "none: AWS issues and renews one for the load balancer", AWS),
            Answer("edge.cdn_certificate_arn", "none: AWS issues and renews one for CloudFront, in us-east-1", AWS),
        ),
        "Where are secrets kept, and how often are they changed?": (
            Answer("secrets.names", "Perplexity's and the model's; Serena needs no key, and has no way in", SETTINGS),
            Answer("secrets.rotation_days", "keys from outside are reminded of, as AWS cannot change them", OURS),
            Answer("secrets.recovery_days", "a deleted secret can be had back so long", AWS),
            Answer("secrets.replicate", "they are needed where the backups are", OURS),
        ),
        "Which firewalls are there?": (
            Answer("edge.waf.mode", "rules that hit prompts count first", AWS),
            Answer("edge.waf.requests_per_minute_per_ip", "ten times an agent's limit, as many share an address", OURS),
        ),
        "How is it backed up, and how soon does it come back?": (
            Answer("database.backup_days", "kept 30 days, made daily", SCHEMA),
            Answer("database.dr_backup_days", "copied to another region", SCHEMA),
            Answer("backup.keep_days", "kept 30 days, made daily", SCHEMA),
            Answer("backup.copy_days", "copied to another region", SCHEMA),
            Answer("backup.lock", "nobody shortens it by mistake", AWS),
            Answer("backup.restore_test", "a backup that nobody restored is a hope", AWS),
            Answer("backup.rpo_minutes", "what may be lost with a region", OURS),
            Answer("backup.rto_minutes", "how long a lost region may take", OURS),
            Answer("cache.snapshot_days", "a cache can be made anew", OURS),
        ),
        "What is recorded for auditors, and for how long?": (
            Answer("security.account_baseline", "what is there once an account is this environment's", OURS),
            Answer("security.services", "all that AWS offers for it", AWS),
            Answer("security.audit_log_days", "a year at hand", AWS),
        ),
        "Which standards must hold?": (
            Answer(
                "security.compliance",
                "ready for SOC 2, ISO 27001 and GDPR; no tool certifies that",
                "the project's report",
            ),
        ),
        "May images be run that nobody looked at?": (
            Answer("registry.enhanced_scanning", "each image, again and again", AWS),
        ),
    },
)
