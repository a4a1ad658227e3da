"""The AOG desk."""
