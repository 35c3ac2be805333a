"""The shipped weights in float, in the forms that other runtimes take."""
