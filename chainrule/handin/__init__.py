"""What is handed in: reading notebooks and student code, packing, the single test run."""
