"""From raw scores to a verdict: policy, calibration, flags, routes."""
