"""Systems Manager: parameters, SSM Agents, and Run Command."""
