"""Commands around the project: init, demo, status, doctor, help."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import typer

from digest.cli.output import ConfigOption, JsonOption, note, say, say_json
from digest.errors import DigestError, UsageError


def add_commands(app: typer.Typer) -> None:
    """Add this module's commands."""
    app.command("init")(init)
    app.command("demo")(demo)
    app.command("status")(status)
    app.command("help")(manual)


def init(
    folder: Path = typer.Argument(Path(), metavar="[DIR]", help="Where; this folder where it is not given."),
    templates: bool = typer.Option(False, "--templates", help="Write the layouts too, to change them."),
) -> None:
    """Write config/ (and templates/), overwriting nothing."""
    from digest.assets import asset_folder

    names = ("config", "templates") if templates else ("config",)
    written = []
    for name in names:
        for source in sorted(asset_folder(name).rglob("*")):
            target = folder / name / source.relative_to(asset_folder(name))
            if source.is_dir() or target.exists() or "__pycache__" in source.parts:
                continue
            try:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(source.read_bytes())
            except OSError as exc:
                raise DigestError(f"Cannot write {target} ({exc.strerror}). Choose another folder.") from exc
            written.append(target)
    for target in written:
        say(str(target))
    if not written:
        note("Everything was there already; nothing was written.")
    else:
        where = "" if folder == Path() else f"cd {folder} && "
        note(f"Now type: {where}{_command()} run daily")


def demo(
    out: Path = typer.Option(Path("demo"), "--out", metavar="DIR", help="Where to put the email."),
    open_browser: bool = typer.Option(False, "--open", help="Open the email in the browser."),
) -> None:
    """Make the sample edition and send it to a mail server on this machine."""
    from digest.demo import run_demo

    report = run_demo(out)
    say(f"{report.read} sample stories read, {report.items} of them in the edition {report.edition}.")
    say(f"Subject: {report.subject}")
    say(f"Sent to {report.sent} readers through a mail server on 127.0.0.1, which took each message once.")
    say(f"Open {out / 'email.html'} in a browser, or {out / 'message.eml'} in a mail program.")
    command = _command()
    say(f"Next: {command} init ../my-news && cd ../my-news && {command} run daily")
    if open_browser:
        typer.launch(str((out / "email.html").resolve()))


def _command() -> str:
    """Return what to type for this command from any folder: its name where the shell finds it, else its path."""
    return "digest" if shutil.which("digest") else str(Path(sys.argv[0]).resolve())


def status(as_json: bool = JsonOption, config: Path | None = ConfigOption) -> None:
    """Show next runs, last runs, and what waits for the editor."""
    from digest.app import now, open_config, open_stores
    from digest.pipeline.status import newsletter_status

    settings = open_config(config)
    stores = open_stores(settings)
    lines = [
        newsletter_status(
            name, chosen, editions=stores.editions, runs=stores.runs, mailing=stores.mailing, now=now()
        )
        for name, chosen in settings.newsletters.items()
    ]
    if not lines:
        note("No newsletter is configured. Add a [newsletters.NAME] table.")
    for line in lines:
        if as_json:
            say_json(line.record())
        else:
            say("\n".join(line.sentences()))


def manual(
    topic: str | None = typer.Argument(None, help="A page of the manual; its contents where none is named."),
) -> None:
    """Print the manual."""
    from digest.assets import help_folder

    pages = {page.stem: page for page in sorted(help_folder().glob("*.md"))}
    if topic is None:
        say("Pages of the manual, each printed by 'digest help PAGE':\n")
        for name, page in pages.items():
            say(f"  {name:<15} {page.read_text(encoding='utf-8').partition(chr(10))[0].removeprefix('# ')}")
        return
    if topic not in pages:
        raise UsageError(f"The manual has no page '{topic}'. It has: {', '.join(pages)}.")
    text = pages[topic].read_text(encoding="utf-8")
    if not sys.stdout.isatty():
        say(text.rstrip())
        return
    from rich.console import Console
    from rich.markdown import Markdown

    Console().print(Markdown(text))
