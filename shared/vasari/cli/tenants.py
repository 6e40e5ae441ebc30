"""`vasari tenants`: what each may use. Works on the database itself, as `vasari keys` does."""

from __future__ import annotations

from typing import Annotated

import typer

from vasari.cli.keys import database

app = typer.Typer(name="tenants", no_args_is_help=True, help="Show and set what each tenant may use.")


@app.command(name="list")
def list_() -> None:
    """List tenants with the limits that are their own; where there is none, the settings hold.

    [bold]Example[/bold]

      vasari tenants list
    """
    from rich.table import Table

    from vasari.cli.show import stdout
    from vasari.jobs import tenants

    table = Table(box=None, pad_edge=False)
    for heading in ("TENANT", "CALLS/S", "JOBS", "KEPT", "MADE"):
        table.add_column(heading, no_wrap=True)
    with database() as session:
        for tenant in tenants.list_tenants(session):
            limits = (tenant.requests_per_second, tenant.max_unfinished_jobs, tenant.retention_seconds)
            shown = ["-" if limit is None else f"{limit:g}" for limit in limits]
            table.add_row(tenant.id, *shown, f"{tenant.created_at:%Y-%m-%d %H:%M}")
    stdout.print(table)


@app.command(name="limit")
def limit(
    tenant: Annotated[str, typer.Argument(metavar="NAME", help="The tenant.")],
    requests_per_second: Annotated[
        float | None, typer.Option(min=0, metavar="N", help="Calls to each gateway; more are refused.")
    ] = None,
    max_unfinished_jobs: Annotated[
        int | None, typer.Option(min=0, metavar="N", help="Unfinished jobs; one more is refused.")
    ] = None,
    retention_seconds: Annotated[
        float | None, typer.Option(min=0, metavar="SECONDS", help="How long ended jobs and their media are kept.")
    ] = None,
) -> None:
    """Set all limits of a tenant's own, within seconds; what is not given is left to the settings.

    [bold]Examples[/bold]

      vasari tenants limit acme --requests-per-second 50 --max-unfinished-jobs 200

      vasari tenants limit acme
    """
    from vasari.jobs import tenants

    own = tenants.Limits(requests_per_second, max_unfinished_jobs, retention_seconds)
    with database() as session:
        tenants.limit_tenant(session, tenant, own)
    print(f"{tenant} limited")
