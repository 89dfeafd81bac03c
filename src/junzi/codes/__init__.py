"""The one registry of printed codes: what a code on a sticker or a screen points to."""
