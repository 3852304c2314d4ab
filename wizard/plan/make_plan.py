"""Plan and make_plan."""
