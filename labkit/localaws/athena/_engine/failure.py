"""Why a query does not succeed."""

from __future__ import annotations

USER_ERROR = 2


class MalformedQueryError(ValueError):
    """No statement of Athena's; the query is refused before it runs."""


class UnsupportedStatementError(ValueError):
    """A statement of Athena's that is not emulated here; says which."""


class QueryError(Exception):
    """A query that runs and fails: ``reason`` is what Athena gives as the state change reason."""

    def __init__(self, reason: str, category: int = USER_ERROR) -> None:
        super().__init__(reason)
        self.reason = reason
        self.category = category
