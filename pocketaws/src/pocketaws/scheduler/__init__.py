"""EventBridge Scheduler: schedules that call an API of AWS when their time has come."""
