"""What a call is checked for: its actions, the resources they name, and the facts about those.

One module per service. An operation that is nowhere here is checked for the action of its own name on
every resource (``*``), which is what services do whose actions have no resource types.

Source for actions, resource types and condition keys: service authorization reference, one page per
service ("Actions, resources, and condition keys for …").
"""
