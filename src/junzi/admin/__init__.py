"""The operator's face: payments and campaigns at a glance, the state of the machine, the page that explains the API."""
