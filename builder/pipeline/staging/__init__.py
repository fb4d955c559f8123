"""What fills the staging repository: the plan, the builds of what is missing, and their tests."""
