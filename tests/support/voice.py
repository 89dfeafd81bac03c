"""A voice as an iPhone records it: AAC in MP4, and silent."""

import struct

SAMPLES_PER_FRAME = 1024
RATE_HZ = 44_100
SILENCE = bytes.fromhex("00c800802380")
"""One frame of AAC-LC, one channel, in which nothing is heard."""


def mp4_voice(seconds: float = 1.0) -> bytes:
    frames = max(1, round(seconds * RATE_HZ / SAMPLES_PER_FRAME))
    length = frames * SAMPLES_PER_FRAME
    kind = box("ftyp", b"M4A \0\0\0\0M4A isom")
    sound = box("mdat", SILENCE * frames)
    matrix = struct.pack(">9I", 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000)
    table = box(
        "stbl",
        full("stsd", struct.pack(">I", 1) + sample_entry()),
        full("stts", struct.pack(">3I", 1, frames, SAMPLES_PER_FRAME)),
        full("stsc", struct.pack(">4I", 1, 1, frames, 1)),
        full("stsz", struct.pack(">2I", len(SILENCE), frames)),
        full("stco", struct.pack(">2I", 1, len(kind) + 8)),
    )
    media = box(
        "mdia",
        full("mdhd", struct.pack(">4I2H", 0, 0, RATE_HZ, length, 0x55C4, 0)),
        full("hdlr", b"\0\0\0\0soun" + b"\0" * 13),
        box(
            "minf",
            full("smhd", b"\0" * 4),
            box("dinf", full("dref", struct.pack(">I", 1) + full("url ", flags=1))),
            table,
        ),
    )
    head = struct.pack(">5I", 0, 0, 1, 0, length) + b"\0" * 8 + struct.pack(">4H", 0, 0, 0x100, 0) + matrix + b"\0" * 8
    film = struct.pack(">5IH", 0, 0, RATE_HZ, length, 0x10000, 0x100) + b"\0" * 10 + matrix + b"\0" * 24
    film += struct.pack(">I", 2)
    return kind + sound + box("moov", full("mvhd", film), box("trak", full("tkhd", head, flags=3), media))


def sample_entry() -> bytes:
    """AAC-LC, 44,100 Hz, one channel (ISO/IEC 14496-1 and -3)."""
    special = b"\x05\x02\x12\x08"
    decoder = b"\x40\x15" + b"\0" * 3 + struct.pack(">2I", 24_000, 24_000) + special
    stream = b"\0\0\0" + b"\x04" + bytes([len(decoder)]) + decoder + b"\x06\x01\x02"
    sound = b"\0" * 6 + struct.pack(">H", 1) + b"\0" * 8 + struct.pack(">4HI", 1, 16, 0, 0, RATE_HZ << 16)
    return box("mp4a", sound, full("esds", b"\x03" + bytes([len(stream)]) + stream))


def box(name: str, *content: bytes) -> bytes:
    body = b"".join(content)
    return struct.pack(">I", len(body) + 8) + name.encode() + body


def full(name: str, content: bytes = b"", *, flags: int = 0) -> bytes:
    return box(name, struct.pack(">I", flags) + content)
