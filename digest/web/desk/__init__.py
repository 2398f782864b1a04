"""The editor's desk: an edition seen as its readers will see it, checked and changed, in the browser."""
