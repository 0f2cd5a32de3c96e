"""Every question that the deployment was halted for, with the keys that answer it.

The questions are those of the report that opsctl answers: six subjects, and what its update found out or left open.
A test fails where a question has no key; another where a key changes nothing.
"""

from __future__ import annotations

from opsctl.core.questions.account import ACCOUNT
from opsctl.core.questions.application import APPLICATION
from opsctl.core.questions.cost import COST
from opsctl.core.questions.delivery import DELIVERY
from opsctl.core.questions.monitoring import MONITORING
from opsctl.core.questions.question import Answer, Category, Question
from opsctl.core.questions.security import SECURITY

__all__ = ["CATEGORIES", "Answer", "Category", "Question"]

CATEGORIES = (ACCOUNT, APPLICATION, DELIVERY, MONITORING, SECURITY, COST)
