"""The command's face to the shell: subcommands, options, exit codes, one line for each error.

The subcommands' modules are imported when they run.
"""

from __future__ import annotations

import io
import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Final

import typer

from livechat_customer.cli import exits
from livechat_customer.cli.exits import CommandError
from livechat_customer.cli.text import plain
from livechat_customer.cli.versions import installed
from livechat_customer.errors import ConfigError, CustomerSDKError, LogError

NAME: Final = "livechat-customer"

_EXITS: Final = "\b\nExit codes:\n" + "\n".join(
    f"  {code:<4} {meaning}" for code, meaning in exits.MEANINGS.items()
)


def _epilog(*examples: str) -> str:
    # \b keeps the lines as they are.
    return "\b\nExamples:\n" + "".join(f"  $ {NAME} {line}\n" for line in examples) + f"\n{_EXITS}"


app = typer.Typer(
    name=NAME,
    add_completion=False,
    pretty_exceptions_enable=False,
    # Plain help reads the same on a terminal, in a pipe and in a log.
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)

Json = Annotated[bool, typer.Option("--json", help="Print one JSON object and nothing else.")]


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"{NAME} {installed(NAME) or 'unknown'}")
        raise typer.Exit


@app.callback(epilog=_epilog("demo", "sandbox --port 8080 --bot", "doctor --json"))
def command(
    show_version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_version, is_eager=True, help="Print the version and end."
        ),
    ] = False,
) -> None:
    """A LiveChat customer client: try it, run a local server for it, look at its log."""


@app.command(
    short_help="A conversation with a local server, and the same from the log.",
    epilog=_epilog("demo", "demo --json", "demo --log demo.db --seed 7"),
)
def demo(
    json: Json = False,
    log: Annotated[
        Path | None,
        typer.Option(
            help="The log's file, which must be a new one. "
            "Default: a file in a temporary folder, kept.",
        ),
    ] = None,
    seed: Annotated[int, typer.Option(help="Seed of the sandbox's ids.")] = 0,
) -> None:
    """Hold a conversation with a local server, cut the connection, and read it all from the log.

    Starts a sandbox with a helpdesk bot, talks to it, loses the connection and comes back; uploads
    a picture, presses a button, rates the chat, asks for the transcript; then opens the log with no
    server at all, replays it, and compares. Exits 1 if anything differs or is missing.
    """
    from livechat_customer.cli import demo_face

    raise typer.Exit(demo_face.run(log, seed, as_json=json))


@app.command(
    short_help="Run a local Customer Chat API server.",
    epilog=_epilog(
        "sandbox --port 8080 --bot",
        "sandbox --certfile cert.pem --keyfile key.pem --json",
    ),
)
def sandbox(
    host: Annotated[str, typer.Option(help="Address to listen at.")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port; 0: a free one.")] = 0,
    certfile: Annotated[
        Path | None, typer.Option(help="Certificate (PEM), for https and wss; needs --keyfile.")
    ] = None,
    keyfile: Annotated[Path | None, typer.Option(help="The certificate's key (PEM).")] = None,
    seed: Annotated[
        int | None, typer.Option(help="The same seed gives the same ids. Default: other ones.")
    ] = None,
    bot: Annotated[bool, typer.Option("--bot", help="Let a helpdesk bot answer.")] = False,
    strict: Annotated[
        bool,
        typer.Option("--strict", help="Accept only this sandbox's organization and client."),
    ] = False,
    json: Annotated[
        bool, typer.Option("--json", help="Print the ready line and nothing else.")
    ] = False,
) -> None:
    """Run a local Customer Chat API server until Ctrl-C or SIGTERM; exits 0 then.

    Once it listens it prints one line of JSON: api_url, accounts_url, organization_id, client_id.
    Its state is in memory. Scripts reach agents, faults and more under /_sandbox/.
    """
    from livechat_customer.cli import sandbox as command

    settings = command.Settings(host, port, certfile, keyfile, seed, bot, strict, quiet=json)
    raise typer.Exit(command.run(settings))


@app.command(
    short_help="Look at versions, paths, permissions and logs.",
    epilog=_epilog("doctor", "doctor --json", "doctor --log support.db", "doctor --live"),
)
def doctor(
    json: Json = False,
    log: Annotated[
        Path | None,
        typer.Option(
            help="The log to look at. Default: LIVECHAT_CUSTOMER_LOG, "
            "else every log in the data folder.",
        ),
    ] = None,
    live: Annotated[
        bool,
        typer.Option(
            "--live",
            help="Start a chat at the account that LIVECHAT_CUSTOMER_* names, as a new customer, "
            "and see whether the server keeps to what the library assumes of it.",
        ),
    ] = False,
    yes: Annotated[
        bool, typer.Option("--yes", help="With --live: do not ask, its chat may be made.")
    ] = False,
) -> None:
    """Look at versions, paths, permissions, options and logs; change nothing.

    Only --live uses the network, and writes a chat. Exits 1 if there is a problem.
    """
    from livechat_customer.cli import doctor_face

    found = None
    if live:
        from livechat_customer.cli import live as probes
        from livechat_customer.options import from_environment

        options = from_environment(os.environ)
        probes.consent(options, yes, typer.confirm)
        found = probes.run(options)
    raise typer.Exit(doctor_face.run(os.environ, log, as_json=json, live=found))


def run(arguments: Sequence[str] | None) -> int:
    """Run it and give the exit code. Errors are one line on stderr."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal that can't show a character gets a `?` and no traceback.
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors="replace")
    logging.basicConfig(level=logging.ERROR, format=f"{NAME}: %(message)s")
    try:
        given = sys.argv[1:] if arguments is None else list(arguments)
        code = app(args=given or ["--help"], prog_name=NAME, standalone_mode=False)
        if code == exits.INTERRUPTED:
            # Typer's own answer to Ctrl-C, from some version on.
            raise KeyboardInterrupt
        sys.stdout.flush()
    except (KeyboardInterrupt, typer.Abort):
        _complain("interrupted")
        return exits.INTERRUPTED
    except CommandError as error:
        _complain(str(error))
        return error.code
    except LogError as error:
        _complain(error.message)
        return exits.LOG
    except ConfigError as error:
        _complain(error.message)
        return exits.USAGE
    except CustomerSDKError as error:
        _complain(error.message)
        return exits.FAILED
    except BrokenPipeError:
        # Who read the output has gone. Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return exits.FAILED
    except Exception as error:
        usage = _usage(error)
        if usage is None:
            raise
        _complain(usage)
        return exits.USAGE
    return code if isinstance(code, int) else exits.OK


def _usage(error: Exception) -> str | None:
    """What Typer has to say of wrong usage. Its errors have no public root of their own: which
    module they stand in differs between its versions."""
    said = getattr(error, "format_message", None)
    if not callable(said):
        return None
    context = getattr(error, "ctx", None)
    path = getattr(context, "command_path", NAME)
    return f"{str(said()).rstrip('.')}. See '{path} --help'."


def _complain(message: str) -> None:
    sys.stderr.write(f"{NAME}: {plain(message)}\n")
