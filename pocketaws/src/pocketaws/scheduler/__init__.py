"""EventBridge Scheduler: schedules that call an AWS API at a set time."""
