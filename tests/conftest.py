"""For all tests."""

pytest_plugins = ["pytester"]  # pytest takes this from the top folder only
