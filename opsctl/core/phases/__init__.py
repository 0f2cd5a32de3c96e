"""What to do in each phase of a rollout, as pure rules: a module for each place that users can be in meanwhile."""
