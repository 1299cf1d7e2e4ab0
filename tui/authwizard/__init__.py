"""authwizard tells a person why an API answers 401, proves it, and says what to do next."""

__version__ = "0.1.0"
