"""What the ledger needs of the database it is kept in, so that its questions stand once for all.

The SQL of this room is what SQLite (3.40 on) and PostgreSQL (14 on) both understand: named
parameters (`:name`), `RETURNING`, `ON CONFLICT`, partial indexes, comparisons of rows, `TRUE`.
A parameter that may be None is only ever stored or compared with `=`, so that no database has to
guess its type. What differs between databases is behind the Protocols here.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import AbstractContextManager
from typing import Any, Protocol, TypeAlias

__all__ = ["Database", "Owner", "Row", "Transaction", "Value"]

Value: TypeAlias = str | bytes | int | None
"""What a column holds."""


class Row(Protocol):
    """One row of an answer, its columns by name."""

    def __getitem__(self, column: str, /) -> Any:
        """Return the value of a column."""
        ...


class Transaction(Protocol):
    """A transaction that is open."""

    def run(self, statement: str, /, **values: Value) -> int:
        """Change rows, and return how many."""
        ...

    def run_for_each(self, statement: str, many: Iterable[Mapping[str, Value]], /) -> None:
        """Change rows once for each set of values."""
        ...

    def row(self, question: str, /, **values: Value) -> Row | None:
        """Return the first row of the answer, None where there is none."""
        ...

    def rows(self, question: str, /, **values: Value) -> Sequence[Row]:
        """Return all rows of the answer."""
        ...


class Database(Protocol):
    """A connection to the database, shared by the threads of a process.

    Errors come as `LedgerError`; only what a constraint forbids is a defect of ours, and comes as
    the database's own.
    """

    def writing(
        self, *, deferred: bool = False, one_change: bool = False
    ) -> AbstractContextManager[Transaction]:
        """Open a transaction that is durable when the block ends, and undone where it raises.

        Writers take turns: what it has read stays as it is until it ends. It may share its commit
        with others; where that fails, none of them is kept.

        Args:
            deferred: it may become durable a moment later: no later than the next that is not
                deferred, and than what is written on any connection after having seen it. Where
                it is lost instead, all that was read here since is void, and nothing is written
                through this connection any more.
            one_change: one statement at the most changes something, after which nothing fails: a
                statement that fails has changed nothing, so there is nothing to undo.
        """
        ...

    def has_begun(self) -> bool:
        """Whether something is written that shares its commit with what comes next.

        That keeps other processes from writing already.
        """
        ...

    def assure(self) -> None:
        """Make sure that nothing deferred was lost.

        Raises:
            LedgerError: it was.
        """
        ...

    def when_durable(self, then: Callable[[], None]) -> None:
        """Do something once all that was written until now is durable, at once where it is.

        It is done by whichever thread comes to know of it, and must be quick; what it raises is
        logged as a defect. Where something was lost it is never done.

        Raises:
            LedgerError: it is known by now that something deferred was lost.
        """
        ...

    def make_durable(self) -> None:
        """Return once all that was written is durable, and what waited for that is done.

        Raises:
            LedgerError: something was lost.
        """
        ...

    def reading(self) -> AbstractContextManager[Transaction]:
        """Ask questions; each sees one state of the ledger."""
        ...

    def by_index(self, name: str) -> str:
        """Return what has a table in a question read by an index; nothing where none can say so."""
        ...

    def problem(self) -> str | None:
        """Return what is wrong with the database itself, None where nothing is."""
        ...

    def close(self) -> None:
        """Let go of the database."""
        ...


class Owner(Protocol):
    """This process, as the holder of claims and the one through whom files arrive."""

    @property
    def id(self) -> str:
        """The name under which it holds claims; no other process ever has it."""
        ...

    @property
    def pid(self) -> int:
        """Its number on its machine, for people."""
        ...

    @property
    def host(self) -> str:
        """Its machine, for people."""
        ...

    @property
    def door(self) -> str:
        """What it is there for, for people."""
        ...

    @property
    def command(self) -> str:
        """The command's line, without secrets, for people."""
        ...

    def is_dead(self, owner_id: str) -> bool:
        """Whether another process has ended; a living one is not disturbed."""
        ...

    def leave(self) -> None:
        """Hold claims no longer: from now on this process counts as ended."""
        ...
