"""`fieldops user`: who may come in, from the machine that holds the database."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fieldops.terminal import print_json, ready_engine, wrong_option
from inventory.kernel.texts import gettext as _

if TYPE_CHECKING:
    from uuid import UUID

    from sqlalchemy import Engine

    from fieldops.identity.schemas import NewUser

app = typer.Typer(help=_("Users, their tokens and login links."), no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help=_("Print one JSON object and nothing else."))]
Name = Annotated[str, typer.Argument(metavar="NAME", help=_("Login name of the user."))]


@app.command(help=_("Add a user; asks for the password, which is never an argument."))
def add(
    name: Name,
    role: Annotated[list[str] | None, typer.Option(metavar="ROLE", help=_("A role, such as dispatcher."))] = None,
    region: Annotated[list[str] | None, typer.Option(metavar="R", help=_("A region to belong to."))] = None,
    area: Annotated[list[str] | None, typer.Option(metavar="A", help=_("A dispatch area to belong to."))] = None,
    place: Annotated[list[str] | None, typer.Option(metavar="P", help=_("A place to belong to."))] = None,
    network: Annotated[bool, typer.Option("--network", help=_("Belong to the whole network."))] = False,
    operator: Annotated[str | None, typer.Option(metavar="CODE", help=_("The operator of a customer."))] = None,
    display_name: Annotated[str | None, typer.Option(metavar="TEXT", help=_("Name in any script."))] = None,
    email: Annotated[str | None, typer.Option(metavar="ADDRESS", help=_("E-mail address."))] = None,
    language: Annotated[str, typer.Option(metavar="L", help=_("en or zh_CN."))] = "en",
    password_stdin: Annotated[
        bool, typer.Option("--password-stdin", help=_("Read the password from standard input, one line."))
    ] = False,
    as_json: Json = False,
) -> None:
    from fieldops.identity import queries, service
    from fieldops.identity.passwords import Passwords
    from fieldops.identity.roles import ADMINISTRATOR
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.engine import writing

    engine = ready_engine()
    memberships: list[dict[str, str]] = [{"kind": "network"}] if network else []
    for kind, codes in (("region", region), ("area", area), ("place", place)):
        memberships += [{"kind": kind, "code": code} for code in codes or ()]
    new = _new_user(
        name=name,
        display_name=display_name or name,
        email=email,
        language=language,
        roles=role or [],
        memberships=memberships,
        operator=None if operator is None else _operator(engine, operator),
    )
    password_hash = Passwords().hash(_password(password_stdin))
    with writing(engine, SYSTEM) as session:
        service.add_user(session, SYSTEM, new)
        service.set_password(session, SYSTEM, new.name, password_hash)
        told = queries.user_by_name(session, new.name)
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        typer.echo(_("{name} can sign in now.").format(name=told.name))
    if not memberships and operator is None:
        warning = _(
            "Warning: {name} belongs to nothing and sees no region; give --region, --area, --place or --network"
        )
        typer.echo(warning.format(name=told.name), err=True)
    elif ADMINISTRATOR in told.roles and not network:
        warning = _("Warning: {name} is an administrator of a part only and cannot manage users; give --network")
        typer.echo(warning.format(name=told.name), err=True)


@app.command(help=_("Make a token of the API for a user; it is shown this once."))
def token(
    user: Name,
    name: Annotated[str, typer.Option(metavar="TEXT", help=_("What the token is for."))] = "command-line",
    days: Annotated[int, typer.Option(min=1, max=90, metavar="N", help=_("Days that it is valid."))] = 30,
    permission: Annotated[
        list[str] | None, typer.Option(metavar="P", help=_("Only this right, such as stock.read; may be repeated."))
    ] = None,
    as_json: Json = False,
) -> None:
    from pydantic import ValidationError

    from fieldops.identity import accounts, queries
    from fieldops.identity.schemas import NewToken
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock
    from inventory.kernel.engine import writing

    try:
        new = NewToken(name=name, days=days, permissions=frozenset(permission) if permission else None)
    except ValidationError as wrong:
        raise wrong_option(wrong) from None
    with writing(ready_engine(), SYSTEM) as session:
        owner = queries.user_row(session, user.casefold())
        issued = accounts.issue_token(session, SYSTEM, owner, new, system_clock())
    if as_json:
        print_json(issued.model_dump(mode="json"))
    else:
        typer.echo(issued.token)


@app.command(help=_("Make a link that signs a user in once, within ten minutes; for demonstrations on this machine."))
def link(
    whom: Annotated[str, typer.Argument(metavar="ROLE_OR_USER", help=_("A role, such as dispatcher, or a user."))],
    as_json: Json = False,
) -> None:
    from fieldops.identity.links import login_link, require_loopback
    from fieldops.settings import load_settings
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.clock import system_clock
    from inventory.kernel.engine import writing

    settings = load_settings()
    require_loopback(settings.host)
    host = f"[{settings.host}]" if ":" in settings.host else settings.host
    with writing(ready_engine(), SYSTEM) as session:
        address = login_link(session, f"http://{host}:{settings.port}", whom, system_clock())
    if as_json:
        print_json({"user": whom, "link": address})
    else:
        typer.echo(address)


@app.command("list", help=_("List users."))
def list_users(as_json: Json = False) -> None:
    from fieldops.identity.queries import all_users
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.engine import reading

    with reading(ready_engine(), SYSTEM) as session:
        users = all_users(session)
    if as_json:
        print_json({"items": [user.model_dump(mode="json") for user in users]})
        return
    for user in users:
        where = ", ".join(f"{one.kind} {one.code}" if one.code else one.kind for one in user.memberships)
        state = "" if user.enabled else _("disabled")
        typer.echo("\t".join((user.name, user.display_name, ", ".join(user.roles), where, state)).rstrip())


@app.command(help=_("Disable a user: signed out at once, and kept out."))
def disable(name: Name, as_json: Json = False) -> None:
    from fieldops.identity import queries, service
    from fieldops.identity.schemas import UserChange
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.engine import writing

    name = name.casefold()
    with writing(ready_engine(), SYSTEM) as session:
        version = queries.user_row(session, name).version
        service.change_user(session, SYSTEM, name, UserChange(enabled=False), version)
        told = queries.user_by_name(session, name)
    if as_json:
        print_json(told.model_dump(mode="json"))
    else:
        typer.echo(_("{name} is disabled.").format(name=told.name))


def _new_user(**given: object) -> NewUser:
    from pydantic import ValidationError

    from fieldops.identity.schemas import NewUser

    try:
        return NewUser.model_validate(given)
    except ValidationError as wrong:
        raise wrong_option(wrong) from None


def _operator(engine: Engine, code: str) -> UUID:
    from fieldops.customers.queries import operator_by_code
    from inventory.kernel.actor import SYSTEM
    from inventory.kernel.engine import reading

    with reading(engine, SYSTEM) as session:
        return operator_by_code(session, code).id


def _password(from_stdin: bool) -> str:
    """Return the new password: one line of standard input, or typed twice on a terminal."""
    from fieldops.identity.passwords import PASSWORD_MAX, PASSWORD_MIN
    from inventory.kernel.errors import Invalid

    if from_stdin:
        password = sys.stdin.readline().removesuffix("\n").removesuffix("\r")
    elif sys.stdin.isatty():
        password = typer.prompt(_("Password"), hide_input=True, confirmation_prompt=True, err=True)
    else:
        raise Invalid(_("There is no terminal to ask for the password on; use --password-stdin"), code="no_terminal")
    if not PASSWORD_MIN <= len(password) <= PASSWORD_MAX:
        raise Invalid(
            _("A password has {least} to {most} characters; choose another").format(
                least=PASSWORD_MIN, most=PASSWORD_MAX
            ),
            code="password_length",
            field="password",
        )
    return password
