"""What the logs say, collected for one seat and not judged.

One module per source, each with a pure ``parse()`` and a ``fetch()`` that is handed its client;
``collect`` asks them all and says how far each has delivered.
"""
