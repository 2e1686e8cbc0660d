"""What a process leaves behind: every file that arrived through it, with its photograph."""

from __future__ import annotations

from pipeline.ledger.changes import Writer
from pipeline.ledger.meetings import met_in
from pipeline.ledger.rows import from_blob, photo_of
from pipeline.lifecycle import State
from pipeline.values import RunFile, RunReport

__all__ = ["SqlRunReport"]


class SqlRunReport(Writer):
    """See `pipeline.ledger.port.Arrivals` for what it promises."""

    def run_report(self) -> RunReport:
        with self._database.reading() as transaction:
            rows = transaction.rows(
                "SELECT p.*, a.path AS arrived_as, a.state_before, "
                "NOT EXISTS (SELECT 1 FROM attempts t WHERE t.photo = p.id) AS never_sent "
                "FROM arrivals a JOIN photos p ON p.id = a.photo "
                "WHERE a.owner = :owner ORDER BY a.seq",
                owner=self._owner.id,
            )
            met = met_in(transaction, self._store)
            # A shot of a hook's that this process sent beside its own is none of them.
            posts = transaction.row(
                "SELECT count(*) AS number FROM attempts t WHERE t.owner = :owner AND EXISTS "
                "(SELECT 1 FROM arrivals a WHERE a.photo = t.photo AND a.owner = :owner)",
                owner=self._owner.id,
            )
        lines: list[RunFile] = []
        seen: set[str] = set()
        for row in rows:
            already = row["state_before"] == State.STORED or row["id"] in seen
            there = row["state"] == State.STORED and bool(row["never_sent"])
            seen.add(row["id"])
            lines.append(
                RunFile(
                    path=from_blob(row["arrived_as"]),
                    photo=photo_of(row),
                    already=already or there,
                    taken_over=there and not already,
                )
            )
        return RunReport(
            lines=tuple(lines), posts=0 if posts is None else int(posts["number"]), met=met
        )
