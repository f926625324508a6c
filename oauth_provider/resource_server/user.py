"""AppUser: a staff member as an app sees them, without the power of `is_staff` and `is_superuser`."""

from __future__ import annotations

import copy
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from asgiref.sync import sync_to_async
from django.utils.functional import LazyObject

from oauth_provider import scopes as known_scopes

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.contrib.auth.models import AbstractBaseUser

FLAGS = ("is_staff", "is_superuser")
_PERMISSION_CACHES = ("_perm_cache", "_user_perm_cache", "_group_perm_cache")


def for_app(user: AbstractBaseUser, *, scopes: Iterable[str]) -> AbstractBaseUser:
    """The user as a token with these scopes may act for them: themselves, unless power has to be left out.

    `is_staff` and `is_superuser` count only when a granted scope says `staff=True`.
    """
    if not any(getattr(user, flag, False) for flag in FLAGS):
        return user
    known = known_scopes.registered()
    if any(name in known and known[name].staff for name in known_scopes.expand(scopes)):
        return user
    return cast("AbstractBaseUser", AppUser(user))


class AppUser(LazyObject):  # type: ignore[type-arg]  # generic in the stubs only
    """Stands for a user: `isinstance`, comparison and relations as ever, `save()` writes the true flags.

    Behind it is a copy of the user with both flags off, so that permissions, and methods that ask the flags,
    are evaluated without power. Where a custom user model computes a flag, no permission is granted.
    """

    def __init__(self, user: AbstractBaseUser, *, flags: dict[str, Any] | None = None) -> None:
        powerless = copy.copy(user)
        true_flags = {flag: getattr(user, flag) for flag in FLAGS if hasattr(user, flag)}
        vars(self).update(_wrapped=powerless, _flags=true_flags if flags is None else dict(flags))
        vars(self)["_is_powerless"] = self._drop_power()

    def _drop_power(self) -> bool:
        """Switch the flags off behind the proxy; whether that worked."""
        powerless: Any = self._wrapped
        for name in _PERMISSION_CACHES:
            vars(powerless).pop(name, None)
        for flag in vars(self)["_flags"]:
            try:
                setattr(powerless, flag, False)
            except AttributeError:
                return False
        return not any(getattr(powerless, flag) for flag in vars(self)["_flags"])

    @contextmanager
    def _true_flags(self) -> Iterator[Any]:
        """The user with the true flags, while a row is written or read."""
        if not vars(self)["_is_powerless"]:
            yield self._wrapped
            return
        flags = vars(self)["_flags"]
        vars(self._wrapped).update(flags)
        try:
            yield self._wrapped
        finally:
            flags.update({flag: getattr(self._wrapped, flag) for flag in flags})
            self._drop_power()

    # What the flags are to an app.

    @property
    def is_staff(self) -> bool:
        return False

    @property
    def is_superuser(self) -> bool:
        return False

    def __setattr__(self, name: str, value: Any) -> None:
        if name in FLAGS:
            vars(self)["_flags"][name] = value
        else:
            super().__setattr__(name, value)

    # What is asked of django.contrib.auth.

    def has_perm(self, perm: str, obj: Any = None) -> bool:
        return vars(self)["_is_powerless"] and bool(self._wrapped.has_perm(perm, obj))

    def has_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return vars(self)["_is_powerless"] and bool(self._wrapped.has_perms(perm_list, obj))

    def has_module_perms(self, app_label: str) -> bool:
        return vars(self)["_is_powerless"] and bool(self._wrapped.has_module_perms(app_label))

    def get_all_permissions(self, obj: Any = None) -> set[str]:
        return set(self._wrapped.get_all_permissions(obj)) if vars(self)["_is_powerless"] else set()

    def get_user_permissions(self, obj: Any = None) -> set[str]:
        return set(self._wrapped.get_user_permissions(obj)) if vars(self)["_is_powerless"] else set()

    def get_group_permissions(self, obj: Any = None) -> set[str]:
        return set(self._wrapped.get_group_permissions(obj)) if vars(self)["_is_powerless"] else set()

    async def ahas_perm(self, perm: str, obj: Any = None) -> bool:
        return await sync_to_async(self.has_perm)(perm, obj)

    async def ahas_perms(self, perm_list: Iterable[str], obj: Any = None) -> bool:
        return await sync_to_async(self.has_perms)(perm_list, obj)

    async def ahas_module_perms(self, app_label: str) -> bool:
        return await sync_to_async(self.has_module_perms)(app_label)

    async def aget_all_permissions(self, obj: Any = None) -> set[str]:
        return await sync_to_async(self.get_all_permissions)(obj)

    # Rows are written and read with the true flags.

    def save(self, *args: Any, **kwargs: Any) -> None:
        with self._true_flags() as user:
            user.save(*args, **kwargs)

    def save_base(self, *args: Any, **kwargs: Any) -> None:
        with self._true_flags() as user:
            user.save_base(*args, **kwargs)

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        with self._true_flags() as user:
            user.refresh_from_db(*args, **kwargs)

    async def asave(self, *args: Any, **kwargs: Any) -> None:
        await sync_to_async(self.save)(*args, **kwargs)

    async def arefresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        await sync_to_async(self.refresh_from_db)(*args, **kwargs)

    # A copy keeps what it stands for: a bare one would save the flags as they look.

    def __copy__(self) -> AppUser:
        return AppUser(self._wrapped, flags=vars(self)["_flags"])

    def __deepcopy__(self, memo: dict[int, Any]) -> AppUser:
        return AppUser(copy.deepcopy(self._wrapped, memo), flags=vars(self)["_flags"])

    def __reduce__(self) -> tuple[Any, ...]:
        return _restore, (self._wrapped, vars(self)["_flags"])

    def __repr__(self) -> str:
        return f"<AppUser: {self._wrapped!r}>"


def _restore(user: AbstractBaseUser, flags: dict[str, Any]) -> AppUser:
    return AppUser(user, flags=flags)
