"""Grades as people and programs want them: text, JSON, CSV, JUnit XML, HTML."""
