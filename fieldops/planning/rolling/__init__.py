"""Rolling plans: a region's plan is made anew on events and by schedule, what begins soon is left as it is."""
