"""Credentials of extensions that can be guessed. Only which ones are weak is kept, never the values."""

from __future__ import annotations

from parsers.config import values

AUTH_ID, PASSWORD, PIN = "auth_id", "password", "pin"
SHORT_PASSWORD = 8
SHORT_PIN = 4


def weak_credentials(number: str, auth_id: object, password: object, pin: object) -> list[str] | None:
    """Which of them are weak; null where none of them stands there in clear.

    An authentication name that is the extension's number; a password that is it too, or has fewer than eight characters; a PIN
    that is the number, has fewer than four digits, or only equal ones.
    """
    name, word, digits = values.text(auth_id), values.text(password), values.text(pin)  # null for masked ones
    if name is None and word is None and digits is None:
        return None
    weak = []
    if name == number:
        weak.append(AUTH_ID)
    if word is not None and (word == number or len(word) < SHORT_PASSWORD):
        weak.append(PASSWORD)
    if digits is not None and (digits == number or len(digits) < SHORT_PIN or len(set(digits)) == 1):
        weak.append(PIN)
    return weak
