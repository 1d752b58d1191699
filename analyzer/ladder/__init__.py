"""The SIP ladder of one call: who said what to whom, when, with retransmissions, delays, codecs and media."""
