"""The wizard: Textual screens over the events of a run. What it may do is handed to it as `services.Services`."""
