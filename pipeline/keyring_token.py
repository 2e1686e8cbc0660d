"""The access token in the system's keyring: an extra, and used where there is one that works."""

from __future__ import annotations

from typing import Final

from pipeline.errors import ConfigError

__all__ = ["KEYRING_SERVICE", "token_in_keyring"]

KEYRING_SERVICE: Final = "photo-pipeline"
"""The keyring's name for us: `keyring set photo-pipeline STORE_HASH` keeps the token."""


def token_in_keyring(store: str) -> str | None:
    """Return the token that the keyring keeps for a store.

    Args:
        store: the store's hash, or its address where that is what is set.

    Returns:
        None where it keeps none, or the extra `keyring` is not installed.

    Raises:
        ConfigError: there is a keyring, and it cannot be asked.
    """
    try:
        import keyring
        from keyring.errors import KeyringError, NoKeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(KEYRING_SERVICE, store)
    except NoKeyringError:
        return None
    except KeyringError as error:
        raise ConfigError(
            f"the keyring cannot be asked for the access token ({type(error).__name__}): "
            "unlock it, or set BIGCOMMERCE_ACCESS_TOKEN"
        ) from None
