"""Write grades as text, JSON, CSV, JUnit XML, Markdown, and HTML."""
