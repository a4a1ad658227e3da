"""What the scripts of the pages say, in the reader's language; they hold no text of their own."""

from __future__ import annotations

from inventory.kernel.texts import gettext as _


def told_by_scripts() -> dict[str, str]:
    """Return {key: text} of what the scripts that every page has may say; `{…}` are filled in there."""
    return {
        "offline": _("The connection is lost; what you typed stays here, and it is tried again by itself"),
        "online": _("Connected again"),
        "unreachable": _("The server does not answer; try again in a moment"),
        "unreadable": _("Not the server answered, but something between ({status}); try again in a moment"),
        "signed_out": _("You are signed out; what you typed stays here."),
        "sign_in": _("Sign in again"),
        "request": _("Number of this request: {id}"),
        "nothing_found": _("Nothing is called like that"),
        "go_to": _("Go to"),
        "own_time": _("Your time: {at}"),
        "close": _("Close"),
        "leaving": _("Reports of jobs wait to be sent ({count}). They are lost when you sign out."),
        "stay": _("Stay signed in"),
        "leave": _("Sign out and lose them"),
    }
