"""Limit the rate of calls, so that AWS doesn't throttle them."""

from __future__ import annotations

import threading
import time
from collections import deque

# Calls per second that AWS allows for an account and Region (CloudTrail: LookupEvents API reference; Systems
# Manager: endpoints and quotas, shared by these three operations).
LIMITS = {
    ("cloudtrail", "LookupEvents"): ("lookup-events", 2),
    ("ssm", "PutParameter"): ("parameters", 3),
    ("ssm", "GetParameterHistory"): ("parameters", 3),
    ("ssm", "DescribeParameters"): ("parameters", 3),
}


class RateLimiter:
    """Lets ``rate`` calls per second through, counted over two seconds, and delays the rest.

    Two seconds allow the short burst of calls of one attendee's ``check``. If AWS throttles such a burst, botocore
    retries it.
    """

    _SECONDS = 2

    def __init__(self, rate: int) -> None:
        self._passed: deque[float] = deque(maxlen=rate * self._SECONDS)
        self._lock = threading.Lock()

    def wait(self) -> None:
        with self._lock:
            now = time.monotonic()
            if len(self._passed) == self._passed.maxlen:
                pause = self._passed[0] + self._SECONDS - now
                if pause > 0:
                    time.sleep(pause)
                    now += pause
            self._passed.append(now)
