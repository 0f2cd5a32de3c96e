"""Does what watches the account fit together, and is the evidence kept?"""

from __future__ import annotations

from opsctl.core.environment import Environment
from opsctl.core.rules.rule import Messages, rule

EVIDENCE_DAYS = 365  # what auditors ask for


@rule("security.audit_archive_days", "security.audit_log_days")
def archive_comes_after(e: Environment) -> Messages:
    if e.security.audit_archive_days <= e.security.audit_log_days:
        yield f"{e.security.audit_archive_days} days end before audit_log_days {e.security.audit_log_days} do"


@rule("security.object_lock_days", "security.audit_archive_days")
def lock_ends_before_the_archive(e: Environment) -> Messages:
    if e.security.object_lock_days > e.security.audit_archive_days:
        yield f"{e.security.object_lock_days} days lock what audit_archive_days {e.security.audit_archive_days} deletes"


@rule("security.audit_log_days", "security.compliance")
def auditors_find_evidence(e: Environment) -> Messages:
    asked = sorted({"iso27001", "soc2"} & set(e.security.compliance))
    if asked and e.security.audit_log_days < EVIDENCE_DAYS:
        yield f"{e.security.audit_log_days} days; for {' and '.join(asked)} evidence is at hand {EVIDENCE_DAYS} days"


@rule("security.services", "security.account_baseline")
def services_are_named_once(e: Environment) -> Messages:
    twice = sorted({name for name in e.security.services if e.security.services.count(name) > 1})
    if e.security.account_baseline and twice:
        yield f"{', '.join(twice)}: named twice"


@rule("security.services", "security.account_baseline")
def standards_have_what_they_judge(e: Environment) -> Messages:
    """Most controls of Security Hub read what Config has recorded."""
    if e.security.account_baseline and "security_hub" in e.security.services and "config" not in e.security.services:
        yield "security_hub judges what config records: name config, too"
