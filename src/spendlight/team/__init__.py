"""The usage of many machines: segments in a shared folder or bucket, and what they add up to."""
