"""The access token in the system's keyring: an extra, and used where there is one that works."""

from __future__ import annotations

from typing import Final

from pipeline.errors import ConfigError

__all__ = ["KEYRING_SERVICE", "forget_in_keyring", "keep_in_keyring", "token_in_keyring"]

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


def keep_in_keyring(store: str, token: str) -> str | None:
    """Keep a token for a store in the keyring, and see that it is there.

    Args:
        store: the store's hash, or its address.
        token: the access token.

    Returns:
        Why that cannot be, in words; None where it is kept.
    """
    try:
        import keyring
    except ImportError:
        return "the extra `photo-pipeline[keyring]` is not installed"
    # What a keyring raises is its maker's choice, and any of it means that it does not work.
    try:
        keyring.set_password(KEYRING_SERVICE, store, token)
        kept = keyring.get_password(KEYRING_SERVICE, store) == token
    except Exception:
        kept = False
    return None if kept else "this system has no keyring that works"


def forget_in_keyring(store: str) -> bool:
    """Remove the token of a store from the keyring; whether there was one.

    Raises:
        ConfigError: there is a keyring, and it cannot be asked, or keeps it.
    """
    if token_in_keyring(store) is None:
        return False
    import keyring
    from keyring.errors import KeyringError

    try:
        keyring.delete_password(KEYRING_SERVICE, store)
    except KeyringError as error:
        raise ConfigError(
            f"the keyring does not let go of the access token ({type(error).__name__}): remove "
            f"the entry {KEYRING_SERVICE} there by hand"
        ) from None
    return True
