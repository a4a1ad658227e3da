"""From a dispatch problem to the arrays of the kernel, and from those back to a plan."""
