"""What goes into a QR code, as a picture."""

import io

import segno


def picture(text: str) -> bytes:
    """The QR code (ISO/IEC 18004, error correction M) of a text, as SVG with its quiet zone."""
    drawing = io.BytesIO()
    segno.make(text, error="m", micro=False).save(
        drawing,
        kind="svg",
        scale=8,
        border=4,
        light="#fff",
        dark="#0b1f17",
        xmldecl=False,
        svgclass=None,
        lineclass=None,
    )
    return drawing.getvalue()
