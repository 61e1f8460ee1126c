"""The actions, resources, and resource facts that authorization checks for each call.

There's one module per service. An operation without an entry is checked for the action of its own
name on every resource (``*``), as AWS does for actions without resource types.

Source for actions, resource types, and condition keys: service authorization reference, one page
per service ("Actions, resources, and condition keys for …").
"""
