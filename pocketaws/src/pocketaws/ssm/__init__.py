"""Systems Manager: parameters, the agents of servers, and Run Command."""
