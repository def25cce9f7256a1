"""Einstein Language's calls: one module for each thing that they are about."""
