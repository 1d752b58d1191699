"""Static payload types (RFC 3551 tables 4 and 5) and what the E-model knows of codecs (ITU-T G.113 appendix I)."""

from __future__ import annotations

from parsers.capture.notes import Encoding

STATIC = {
    0: Encoding("PCMU", 8000),
    3: Encoding("GSM", 8000),
    4: Encoding("G723", 8000),
    5: Encoding("DVI4", 8000),
    6: Encoding("DVI4", 16000),
    7: Encoding("LPC", 8000),
    8: Encoding("PCMA", 8000),
    # sampled at 16 kHz, but its RTP clock is 8 kHz for ever (RFC 3551 4.5.2)
    9: Encoding("G722", 8000),
    10: Encoding("L16", 44100),
    11: Encoding("L16", 44100),
    12: Encoding("QCELP", 8000),
    13: Encoding("CN", 8000),
    14: Encoding("MPA", 90000),
    15: Encoding("G728", 8000),
    16: Encoding("DVI4", 11025),
    17: Encoding("DVI4", 22050),
    18: Encoding("G729", 8000),
    25: Encoding("CelB", 90000),
    26: Encoding("JPEG", 90000),
    28: Encoding("nv", 90000),
    31: Encoding("H261", 90000),
    32: Encoding("MPV", 90000),
    33: Encoding("MP2T", 90000),
    34: Encoding("H263", 90000),
}
AUDIO, COMFORT, EVENT = 0, 1, 2
"""Roles of payload types, as `parsers.capture.kernel_rtp` counts them (there they are C constants)."""
EVENTS = "TELEPHONE-EVENT"
NOISE = "CN"

IMPAIRMENT = {
    "PCMU": (0.0, 25.1),
    "PCMA": (0.0, 25.1),
    "G729": (11.0, 19.0),
    "G723": (15.0, 16.1),
}
"""Ie and Bpl by encoding name: G.711 with loss concealment, G.729A, G.723.1 at 6.3 kbit/s (research grade: see each)."""
