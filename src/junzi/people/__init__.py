"""Who is here: sign-up, profile, sessions per device, payment PIN."""
