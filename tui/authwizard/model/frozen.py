"""Frozen dataclasses whose methods are shared instead of compiled: `@dataclass(frozen=True)`, used as that of the standard library.

That one writes the source of six methods for every class and compiles it, half a millisecond a class (Python 3.11): a command that
loads hundreds of classes would take longer for them than for its work. Here the standard library reads the fields, so that `fields`,
`replace`, `asdict` and `match` know the class, and the methods close over the names. Type checkers see the original.

What differs: nothing can be set on an instance of a subclass either, `__init__` has no signature to inspect, and a subclass is declared
by this decorator too (the original refuses it with TypeError).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

__all__ = ["dataclass"]

if TYPE_CHECKING:
    from dataclasses import dataclass
else:
    import dataclasses
    from collections.abc import Callable
    from collections.abc import Set as AbstractSet
    from reprlib import recursive_repr
    from typing import Any, Literal, NoReturn

    def dataclass(*, frozen: Literal[True], repr: bool = True) -> Callable[[type], type]:
        """Declare a frozen dataclass; without `repr` it keeps the one it has (of a class that holds a secret)."""
        assert frozen

        def declare(cls: type) -> type:
            dataclasses.dataclass(init=False, repr=False, eq=False)(cls)
            fields = dataclasses.fields(cls)
            methods = {
                "__init__": _init(cls, fields),
                "__eq__": _equal(tuple(field.name for field in fields if field.compare)),
                "__hash__": _hash(tuple(field.name for field in fields if (field.compare if field.hash is None else field.hash))),
                "__setattr__": _refuse,
                "__delattr__": _refuse,
            }
            if repr:
                methods["__repr__"] = _representation(tuple(field.name for field in fields if field.repr))
            for name, method in methods.items():
                if name not in cls.__dict__:
                    setattr(cls, name, method)
            return cls

        return declare

    def _init(cls: type, fields: tuple[dataclasses.Field, ...]) -> Callable[..., None]:
        names = tuple(field.name for field in fields)
        known = frozenset(names)
        defaults = {field.name: field.default for field in fields if field.default is not dataclasses.MISSING}
        factories = {field.name: field.default_factory for field in fields if field.default_factory is not dataclasses.MISSING}

        def init(self: Any, *given: Any, **named: Any) -> None:
            values = {**defaults, **dict(zip(names, given, strict=False)), **named}
            for name, make in factories.items():
                if name not in values:
                    values[name] = make()
            if len(given) > len(names) or values.keys() != known or (named and not named.keys().isdisjoint(names[: len(given)])):
                raise _wrong_arguments(cls.__qualname__, names, len(given), named.keys(), known - values.keys())
            self.__dict__.update(values)

        return init

    def _wrong_arguments(cls: str, names: tuple[str, ...], given: int, named: AbstractSet[str], missing: AbstractSet[str]) -> TypeError:
        """What is wrong with the arguments of a class; their values are not told, one may be a secret."""
        if given > len(names):
            return TypeError(f"{cls} takes at most {len(names)} arguments, {given} were given")
        if unknown := named - set(names):
            return TypeError(f"{cls} has no {', '.join(sorted(unknown))}")
        if missing:
            return TypeError(f"{cls} misses {', '.join(name for name in names if name in missing)}")
        return TypeError(f"{cls} was given {', '.join(name for name in names[:given] if name in named)} twice")

    def _equal(names: tuple[str, ...]) -> Callable[[Any, object], bool]:
        def equal(self: Any, other: object) -> bool:
            if other.__class__ is not self.__class__:
                return NotImplemented
            mine, theirs = self.__dict__, other.__dict__
            return [mine[name] for name in names] == [theirs[name] for name in names]

        return equal

    def _hash(names: tuple[str, ...]) -> Callable[[Any], int]:
        def hashed(self: Any) -> int:
            mine = self.__dict__
            return hash(tuple([mine[name] for name in names]))

        return hashed

    def _representation(names: tuple[str, ...]) -> Callable[[Any], str]:
        @recursive_repr()
        def representation(self: Any) -> str:
            mine = self.__dict__
            return f"{self.__class__.__qualname__}({', '.join([f'{name}={mine[name]!r}' for name in names])})"

        return representation

    def _refuse(self: Any, name: str, value: Any = None) -> NoReturn:
        raise dataclasses.FrozenInstanceError(f"field {name!r} is frozen")
