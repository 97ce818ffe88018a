"""Measurements, as ratios within one run. `python -m bench` measures what a turn costs."""
