"""`vasari keys`: who may call. Works on the database itself, so only its operators can."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from sqlalchemy.orm import Session

app = typer.Typer(name="keys", no_args_is_help=True, help="Make, list and revoke the API keys that callers show.")


@app.command()
def create(
    tenant: Annotated[str, typer.Option(metavar="NAME", help="For whom; made if there is no such tenant yet.")],
    name: Annotated[str, typer.Option(metavar="WORDS", help="What to call the key: who or what will use it.")] = "",
) -> None:
    """Make a key and print it, this once.

    The database of VASARI_DATABASE_URL keeps only a digest. Callers show the key as --api-key or VASARI_API_KEY.

    [bold]Example[/bold]

      vasari keys create --tenant acme --name "the video team"
    """
    from vasari.jobs import tenants

    with database() as session:
        key = tenants.create_key(session, tenant, name)
    print(key)


@app.command(name="list")
def list_(
    tenant: Annotated[str | None, typer.Option(metavar="NAME", help="Only the keys of this tenant.")] = None,
) -> None:
    """List keys, the oldest first, by the part of them that is no secret.

    [bold]Example[/bold]

      vasari keys list --tenant acme
    """
    from rich.table import Table

    from vasari.cli.show import stdout
    from vasari.jobs import tenants

    table = Table(box=None, pad_edge=False)
    for heading in ("ID", "TENANT", "MADE", "STATE", "NAME"):
        table.add_column(heading, no_wrap=True)
    with database() as session:
        for key in tenants.list_keys(session, tenant):
            state = f"revoked {key.revoked_at:%Y-%m-%d %H:%M}" if key.revoked_at else "valid"
            table.add_row(key.id, key.tenant_id, f"{key.created_at:%Y-%m-%d %H:%M}", state, key.name)
    stdout.print(table)


@app.command()
def revoke(
    key: Annotated[str, typer.Argument(metavar="ID", help="As `vasari keys list` shows it, or the whole key.")],
) -> None:
    """Let a key open nothing any more, within seconds and for good.

    [bold]Example[/bold]

      vasari keys revoke 3f2a90c1b7de
    """
    from vasari.jobs import tenants

    whole = tenants.KEY_RULE.fullmatch(key)
    key_id = whole[1] if whole else key
    with database() as session:
        tenants.revoke_key(session, key_id)
    print(f"{key_id} revoked")


@contextmanager
def database() -> Iterator[Session]:
    """A transaction on the database that the settings name. Raises Fault when it does not answer."""
    from sqlalchemy.exc import OperationalError
    from sqlalchemy.orm import Session

    from vasari.config import settings
    from vasari.jobs.database import make_engine
    from vasari.values import Fault, Reason

    engine = make_engine(settings())
    try:
        with Session(engine) as session, session.begin():
            yield session
    except OperationalError as error:
        words = f"the database does not answer; VASARI_DATABASE_URL names it: {error.orig}"
        raise Fault(Reason.UNAVAILABLE, words) from error
    finally:
        engine.dispose()
