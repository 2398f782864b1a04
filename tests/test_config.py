"""The configuration is checked at once, and every problem names its key."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest.assets import asset_folder
from digest.config import Config, find_config, load_config
from digest.errors import ConfigError


def write(folder: Path, text: str) -> Path:
    path = folder / "digest.toml"
    path.write_text(text, encoding="utf-8")
    return path


MINIMAL = '[newsletters.daily]\nfrom = "dose@example.org"\n'


def problems(folder: Path, text: str) -> list[str]:
    with pytest.raises(ConfigError) as caught:
        load_config(write(folder, text))
    return caught.value.problems


def test_every_key_has_a_default_but_the_sender(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, MINIMAL))

    assert config.newsletters["daily"].send_at == "06:30"
    assert config.smtp.port == 2525
    assert config.store_url() == f"sqlite:///{tmp_path}/var/digest.db"


def test_the_shipped_example_is_valid() -> None:
    config = load_config(asset_folder("config") / "digest.toml")

    assert config.newsletters["daily"].readers == ("you@example.org",)


def test_all_problems_are_told_together(tmp_path: Path) -> None:
    found = problems(
        tmp_path,
        """
        [smtp]
        port = "abc"
        hots = "mail.example.org"
        [[sources]]
        name = "gazette"
        kind = "feed"
        [newsletters.daily]
        from = "nobody"
        timezone = "Mars/Olympus"
        send_at = "6.30"
        sources = ["courier"]
        days = ["monday"]
        """,
    )

    keys = [
        "smtp.port",
        "smtp.hots",
        "sources.0",
        "newsletters.daily.from",
        "newsletters.daily.timezone",
        "newsletters.daily.send_at",
        "newsletters.daily.days.0",
    ]
    for key in keys:
        assert any(f": {key}: " in problem for problem in found), (key, found)


def test_a_newsletter_cannot_name_an_unknown_source(tmp_path: Path) -> None:
    assert "no source named 'courier'" in problems(tmp_path, MINIMAL + 'sources = ["courier"]\n')[0]


@pytest.mark.parametrize(
    "text",
    ['[smtp]\npassword = "hunter2"\n', '[store]\nurl = "postgresql+psycopg://me:hunter2@localhost/digest"\n'],
)
def test_a_password_in_the_file_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    found = " ".join(problems(tmp_path, text + MINIMAL))

    assert "does not live in this file" in found
    assert "hunter2" not in found


def test_the_environment_wins(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SMTP__HOST", "mail.example.org")
    monkeypatch.setenv("DIGEST_SMTP__PASSWORD", "hunter2")

    config = load_config(write(tmp_path, MINIMAL + '[smtp]\nhost = "other"\n'))

    assert config.smtp.host == "mail.example.org"
    assert config.smtp_password() == "hunter2"


def test_a_secret_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "secret").write_text("hunter2\n", encoding="utf-8")

    config = load_config(write(tmp_path, MINIMAL + '[smtp]\npassword_file = "secret"\n'))

    assert config.smtp_password() == "hunter2"


def test_a_missing_secret_file_is_named(tmp_path: Path) -> None:
    config = load_config(write(tmp_path, MINIMAL + '[smtp]\npassword_file = "secret"\n'))

    with pytest.raises(ConfigError, match=r"smtp\.password_file: cannot read .*secret"):
        config.smtp_password()


@pytest.mark.parametrize("text", ["not = [toml", "\x00"])
def test_a_file_that_is_not_toml_is_told(tmp_path: Path, text: str) -> None:
    assert "is not valid TOML" in problems(tmp_path, text)[0]


def test_relative_paths_start_at_the_folder_that_holds_config(tmp_path: Path) -> None:
    (tmp_path / "config").mkdir()
    path = write(tmp_path / "config", MINIMAL)

    assert load_config(path).path("inbox") == tmp_path / "inbox"


def test_the_file_is_found_by_option_then_environment_then_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(ConfigError, match="digest init"):
        find_config(None, environ={})
    write(tmp_path, MINIMAL)

    assert find_config(None, environ={}) == Path("digest.toml")
    assert find_config(None, environ={"DIGEST_CONFIG": "/etc/x.toml"}) == Path("/etc/x.toml")
    assert find_config(Path("mine.toml"), environ={"DIGEST_CONFIG": "/etc/x.toml"}) == Path("mine.toml")


def test_an_unknown_newsletter_names_those_there_are(tmp_path: Path) -> None:
    config: Config = load_config(write(tmp_path, MINIMAL))

    with pytest.raises(ConfigError, match="known: daily"):
        config.newsletter("weekly")


@pytest.mark.parametrize(
    "text",
    [
        '[site]\npublic_url = "https://nachrichten-münchen.example"\n',
        '[site]\npublic_url = "https://news.example\\r\\nX: y"\n',
        '[smtp]\nreturn_path = "bounces {delivery}@example.org"\n',
        "[fetch]\ntimeout_seconds = inf\n",
        '[store]\nurl = "postgresql+psycopg://h/d?user=u&password=hunter2"\n',
    ],
)
def test_what_would_break_a_send_is_refused_at_once(tmp_path: Path, text: str) -> None:
    assert problems(tmp_path, text + MINIMAL)


@pytest.mark.parametrize("reader", ["ann@intranet", "x", "a b@example.org"])
def test_readers_are_checked_as_strictly_as_the_send_will(tmp_path: Path, reader: str) -> None:
    assert "newsletters.daily.readers.0" in problems(tmp_path, MINIMAL + f'readers = ["{reader}"]\n')[0]


@pytest.mark.parametrize(
    ("name", "value"),
    [("DIGEST_SMTPP__PORT", "1"), ("DIGEST_FETCH__ALLOW_PRIVATE", "127.0.0.0/8"), ("DIGEST_SMTP", "foo")],
)
def test_a_variable_that_means_nothing_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(name, value)

    assert problems(tmp_path, MINIMAL)


def test_the_environment_wins_for_secrets_too(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SMTP__PASSWORD", "from the environment")
    (tmp_path / "secret").write_text("from the file", encoding="utf-8")

    config = load_config(write(tmp_path, MINIMAL + '[smtp]\npassword_file = "secret"\n'))

    assert config.smtp_password() == "from the environment"


REMOTE = '[summarizer]\nkind = "remote"\nurl = "http://127.0.0.1:8080/v1/chat/completions/"\nmodel = "tiny"\n'


def test_a_remote_summarizer_needs_an_address_and_a_model(tmp_path: Path) -> None:
    [found] = problems(tmp_path, MINIMAL + '[summarizer]\nkind = "remote"\n')
    config = load_config(write(tmp_path, MINIMAL + REMOTE))

    assert "summarizer" in found and "'url' and 'model'" in found
    assert config.summarizer.url == "http://127.0.0.1:8080/v1"


@pytest.mark.parametrize(
    "url",
    ["127.0.0.1:8080", "ftp://models.example", "https://key@models.example", "http://models.example/?key=1"],
)
def test_an_address_of_a_model_server_is_plain(tmp_path: Path, url: str) -> None:
    assert "summarizer.url" in problems(tmp_path, MINIMAL + f'[summarizer]\nurl = "{url}"\n')[0]


def test_a_key_lives_in_a_file_or_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "key").write_text("from the file\n", encoding="utf-8")
    config = load_config(write(tmp_path, MINIMAL + REMOTE + 'key_file = "key"\n'))

    assert config.summarizer_key() == "from the file"
    assert "summarizer.key_file" in problems(tmp_path, MINIMAL + REMOTE + 'key = "literal"\n')[0]
    monkeypatch.setenv("DIGEST_SUMMARIZER__KEY", "from the environment")
    assert load_config(write(tmp_path, MINIMAL + REMOTE)).summarizer_key() == "from the environment"


def test_an_editors_words_and_limits_are_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_NEWSLETTERS__DAILY__AVOID", '["horoscope"]')
    config = load_config(
        write(
            tmp_path,
            MINIMAL
            + 'keywords = ["night train", "ferry"]\n[newsletters.daily.sections]\nCity = 4\n"Not There" = 0\n',
        )
    )

    daily = config.newsletters["daily"]
    assert (daily.keywords, daily.avoid) == (("night train", "ferry"), ("horoscope",))
    assert daily.sections == {"City": 4, "Not There": 0}


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        ('keywords = "ferry"', "daily.keywords: 'ferry' is one text, and a list is wanted, such as"),
        (
            'avoid = ["a", " "]',
            "daily.avoid: a word or phrase in this list is empty. Remove it, or write one.",
        ),
        (
            'sections = ["City"]',
            "daily.sections: a table is wanted, with a line for each section, such as: City = 4.",
        ),
        (
            'sections = { City = 4, "city " = 2 }',
            "daily.sections: 'City' and 'city ' are one section. Keep one",
        ),
        (
            "sections = { City = -1 }",
            "daily.sections.City: -1 will not do: input should be greater than or equal",
        ),
        ('sections = { City = "few" }', "daily.sections.City: 'few' will not do"),
    ],
)
def test_an_editors_words_and_limits_that_will_not_do_are_told(
    tmp_path: Path, line: str, sentence: str
) -> None:
    (found,) = problems(tmp_path, MINIMAL + line)

    assert sentence in found


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('resolver = "webhook"', "webhook_secret_file"),
        ('resolver = "postfix"\ntransport = "folder"', "through a Postfix here"),
        ('resolver = "oracle"', "smtp.resolver"),
        ('webhook_secret = "hunter2"', "does not live in this file"),
    ],
)
def test_a_resolver_needs_whom_to_ask(tmp_path: Path, text: str, told: str) -> None:
    assert told in " ".join(problems(tmp_path, f"[smtp]\n{text}\n{MINIMAL}"))


def test_a_brief_has_shorter_blurbs_unless_it_says_otherwise(tmp_path: Path) -> None:
    path = tmp_path / "digest.toml"
    path.write_text(
        '[newsletters.a]\nfrom = "a@example.org"\ntemplate = "brief"\n'
        '[newsletters.b]\nfrom = "a@example.org"\ntemplate = "brief"\nblurb_words = 50\n'
        '[newsletters.c]\nfrom = "a@example.org"\n'
    )

    made = load_config(path).newsletters

    assert [made[name].blurb_words for name in "abc"] == [35, 50, 60]


def test_a_tip_line_is_a_plain_address(tmp_path: Path) -> None:
    path = tmp_path / "digest.toml"
    path.write_text('[newsletters.a]\nfrom = "a@example.org"\ntip_line = "Tips <tips@example.org>"\n')

    with pytest.raises(ConfigError, match=r"newsletters\.a\.tip_line"):
        load_config(path)


BOX = '[bounces]\nkind = "imap"\nhost = "imap.example.org"\nusername = "bounces@example.org"\n'


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('[bounces]\nkind = "maildir"\n', "needs the key 'path'"),
        ('[bounces]\nkind = "imap"\n', "needs 'host', 'username', 'password_file'"),
        (BOX, "needs 'password_file'"),
        (BOX + 'password = "hunter2"\n', "bounces.password: a password does not live in this file"),
        (BOX + 'password_file = "p"\nsecurity = "none"\n', "sends the password in the clear"),
        (BOX + 'password_file = "p"\nfolder = "IN\\"BOX"\n', "bounces.folder"),
        ('[bounces]\nkind = "pop3"\n', "bounces.kind"),
    ],
)
def test_a_box_that_cannot_be_is_refused(tmp_path: Path, text: str, told: str) -> None:
    assert any(told in problem for problem in problems(tmp_path, MINIMAL + text))


def test_the_password_of_the_box_comes_from_its_file(tmp_path: Path) -> None:
    (tmp_path / "p").write_text("hunter2\n")

    assert (
        load_config(write(tmp_path, MINIMAL + BOX + 'password_file = "p"\n')).bounces_password() == "hunter2"
    )


@pytest.mark.parametrize(
    ("line", "key", "told"),
    [
        (
            'timezone = "Mars/Olympus"',
            "timezone",
            "'Mars/Olympus' is not a time zone such as 'Europe/Berlin'",
        ),
        ('timezone = "Europe"', "timezone", "nor 'subscriber': each reader's own"),
        ('default_timezone = "subscriber"', "default_timezone", "is not a time zone"),
        ('except_dates = ["2026-02-30"]', "except_dates", "'2026-02-30' is no date of the calendar"),
        ("except_dates = [20261225]", "except_dates", "'20261225' is no date of the calendar"),
        ('except_dates = "2026-12-25"', "except_dates", "a list of dates is wanted"),
        ("month_days = [0]", "month_days", '0 is no day of the month. Write 1 to 31, or "last"'),
        ("month_days = [true]", "month_days", "True is no day of the month"),
        ("month_days = 1", "month_days", "a list of days of the month is wanted"),
        ("draft_minutes_before = 1440", "draft_minutes_before", "less than or equal to 720"),
    ],
)
def test_a_day_or_zone_that_cannot_be_is_told_with_its_key(
    tmp_path: Path, line: str, key: str, told: str
) -> None:
    [found] = problems(tmp_path, f"{MINIMAL}{line}\n")

    assert f": newsletters.daily.{key}: " in found
    assert told in found


def test_days_are_written_as_texts_or_as_dates(tmp_path: Path) -> None:
    lines = 'except_dates = ["2026-12-25", 2027-01-01]\nmonth_days = [1, "last"]\ntimezone = "subscriber"\n'

    daily = load_config(write(tmp_path, MINIMAL + lines)).newsletters["daily"]

    assert [day.isoformat() for day in daily.except_dates] == ["2026-12-25", "2027-01-01"]
    assert daily.month_days == (1, "last")
    assert (daily.is_by_reader, daily.zone) == (True, "UTC")


def test_newsletters_may_share_an_hour_but_no_name(tmp_path: Path) -> None:
    beside = MINIMAL.replace("daily", "evening")

    assert len(load_config(write(tmp_path, MINIMAL + beside)).newsletters) == 2
    [found] = problems(tmp_path, MINIMAL + MINIMAL.replace("daily", "Daily"))
    assert "there is [newsletters.daily] too, and mailboxes take the two for one" in found
