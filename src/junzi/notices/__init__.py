"""Tell a person something: a message in the conversation of a service, or of their shop."""
