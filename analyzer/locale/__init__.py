"""Translations: a gettext catalogue a language (``<language>/LC_MESSAGES/tcxtriage.po`` and its compiled ``.mo``)."""
