"""A study with a further voter: who is shown what, what is kept and counts, and that a run goes on without one that is down."""

import json
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from chat_server import ChatServer, chat_server, first_words, votes
from studies import NOW, quiet

from pipeline import tables
from pipeline.audit.trace import as_lines
from pipeline.audit.verify import UP_TO_DATE
from pipeline.codebook import Codebook
from pipeline.commands.study import summary
from pipeline.errors import ConfigError
from pipeline.evaluation import voters
from pipeline.evaluation.data import EvaluationData
from pipeline.evaluation.page import as_text
from pipeline.records import Draft, Vote
from pipeline.registers.study_registers import load_registers
from pipeline.review import decisions as ledger
from pipeline.steps.analyze import Outcome, analyze, would_ask_again
from pipeline.steps.audit import audit, trace
from pipeline.steps.ingest import read_all
from pipeline.steps.inputs import load_brief, load_written
from pipeline.steps.voters import Voting, ask_voters, kept_panel
from pipeline.steps.withdraw import withdraw
from pipeline.study import locate_study
from pipeline.tag.coding import respondents
from pipeline.tag.features import Sample, build
from pipeline.tag.voters import Ballot, Opinion
from pipeline.tag.voters import chat as chat_voter
from pipeline.vocabulary import DecisionKind

READ = (tables.SOURCES, tables.TEXTS, tables.TURNS, tables.EXCERPTS, tables.MASKS)
KEPT = "coded/voters/chat.jsonl"
EMPTY: dict[str, Any] = {"measured_on": "seeds", "baselines": {}, "learning_curve": [], "errors_by": {}, "patterns": []}


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chat_voter, "PAUSES", (0.0, 0.0))


def name_voters(study: Path, *voters: str, **chat: Any) -> None:
    """Write voters and the settings of `chat` into config.toml, in place of those that are there."""
    before = (study / "config.toml").read_text("utf-8").partition("\n[chat]")[0]
    lines = [line for line in before.splitlines() if not line.startswith("voters =")]
    lines.insert(lines.index("[tag]") + 1, f"voters = {json.dumps(voters)}")
    values = {"model": "small", "requests": 500, "seconds": 5, **chat}
    lines += ["", "[chat]", *(f"{name} = {json.dumps(value)}" for name, value in values.items())]
    (study / "config.toml").write_text("\n".join(lines) + "\n", "utf-8")


def run(study: Path) -> Outcome:
    return analyze(study, fresh=False, now=NOW, tick=quiet)


def ask(study: Path, *, anew: bool = False) -> Voting:
    """Ask the voters about the study as it was read, without coding anything; `anew`: as it is read now."""
    opened = locate_study(study)
    registers, brief = load_registers(opened), load_brief(opened)
    if anew:
        frames = read_all(opened, brief.settings, registers, {}, lambda _done, _total: None).frames
    else:
        frames = {table.name: tables.read_table(opened.table(table.name), table) for table in READ}
    return ask_voters(opened, brief, frames, registers.people, lambda _done, _total: None)


def votes_of(voting: Voting, study: Path) -> list[Vote]:
    excerpts = tables.read_table(study / "coded/machine/excerpts.parquet", tables.EXCERPTS)
    return list(voting.panel.votes(respondents(excerpts)))


def problems(study: Path) -> list[str]:
    return [str(problem) for check in audit(study) for problem in check.problems if check.key != UP_TO_DATE]


def by_voter(study: Path, name: str = "chat") -> pd.DataFrame:
    table = pd.read_parquet(study / "coded/machine/votes.parquet")
    return table[table["voter"] == f"voter:{name}"].reset_index(drop=True)


def lines(study: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (study / KEPT).read_text("utf-8").splitlines()]


def spoken(study: Path) -> pd.DataFrame:
    return pd.read_parquet(study / "coded/machine/excerpts.parquet").query("role == 'respondent'")


@pytest.fixture(scope="module")
def voted_once(analysed_once: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Path, ChatServer]]:
    """The small study after a run with the voter `chat`; not to be changed."""
    root = shutil.copytree(analysed_once, tmp_path_factory.mktemp("voted") / "study")
    with chat_server(first_words) as server:
        name_voters(root, "chat", url=server.url)
        assert run(root).exit_code == 0
        yield root, server


@pytest.fixture
def voted(voted_once: tuple[Path, ChatServer], tmp_path: Path) -> Path:
    """A copy of the study with votes, free to be changed; the server is there."""
    return shutil.copytree(voted_once[0], tmp_path / "voted")


def test_every_excerpt_is_asked_about_once_and_its_votes_are_in_the_table(voted_once: tuple[Path, ChatServer]) -> None:
    study, server = voted_once
    asked = [(each["question"], each["excerpt"]) for each in server.data]
    assert len(asked) == len(set(asked))
    assert set(spoken(study)["text"]) <= {words for _, words in asked}
    rows = by_voter(study)
    assert set(rows["excerpt_id"]) == set(spoken(study)["excerpt_id"])
    assert set(rows["vote"]) == {0, 1}
    texts = dict(zip(spoken(study)["excerpt_id"], spoken(study)["text"], strict=True))
    for row in rows[rows["vote"] == 1].to_dict("records"):
        assert json.loads(row["because"])["quote"] in texts[row["excerpt_id"]]


def test_every_request_and_answer_is_kept_with_model_and_prompt(voted_once: tuple[Path, ChatServer]) -> None:
    study, server = voted_once
    prompts = [line for line in lines(study) if "instructions" in line]
    assert [prompt["instructions"] for prompt in prompts] == [server.asked[0]["messages"][0]["content"]]
    kept = [line for line in lines(study) if "request" in line]
    assert len(kept) == len(server.asked)
    assert {json.loads(line["request"])["model"] for line in kept} == {"small"}
    assert {line["version"] for line in kept} == {prompts[0]["version"]} == set(by_voter(study)["version"])
    assert all(json.loads(line["answer"])["votes"] for line in kept)
    assert (study / KEPT).stat().st_mode & 0o077 == 0


def test_its_votes_confirm_nothing_and_code_nothing_before_people_bear_them_out(
    voted_once: tuple[Path, ChatServer], analysed_once: Path
) -> None:
    before, after = (pd.read_parquet(root / "coded/machine/codings.parquet") for root in (analysed_once, voted_once[0]))
    assert set(after["status"]) == {"machine"}
    assert not after["coded"].gt(before["coded"]).any()


def test_the_audit_finds_nothing_wrong_and_sees_a_vote_that_was_changed(voted: Path) -> None:
    assert problems(voted) == []
    path = voted / "coded/machine/votes.parquet"
    table = tables.read_table(path, tables.VOTES)
    is_first = np.arange(len(table)) == table["voter"].eq("voter:chat").to_numpy().argmax()
    tables.write_table(table.assign(vote=table["vote"].where(~is_first, 1 - table["vote"])), path, tables.VOTES)
    assert any("is not among the kept answers of voter:chat" in problem for problem in problems(voted))
    assert any("lacks votes of voter:chat" in problem for problem in problems(voted))


def test_evaluate_shows_the_voter_beside_the_others_and_asks_nothing(
    voted: Path, voted_once: tuple[Path, ChatServer]
) -> None:
    asked = len(voted_once[1].asked)
    brief = load_brief(locate_study(voted))
    panel = kept_panel(locate_study(voted), brief, brief.seeds)
    assert len(voted_once[1].asked) == asked
    opinions = panel.opinions(brief.seeds, brief.codebook.ids)
    samples = [Sample(each.text, each.question, {}) for each in brief.seeds]
    data = EvaluationData(
        brief=brief,
        codebook=brief.codebook,
        seeds=brief.seeds,
        decisions=(),
        gold=(),
        features=replace(build(samples, brief.codebook.ids, None), opinions=opinions),
        vectors=None,
        votes=(),
        people={},
        panel=panel,
    )
    figures = voters.report(data, np.arange(len(brief.seeds)))
    assert figures["chat"]["n"] == len(brief.seeds)
    assert 0 < figures["chat"]["micro_f1"] < 1
    page = "\n".join(as_text({**EMPTY, "voters": figures}))
    assert "Further voters alone\n  chat " in page


def test_the_report_and_the_walk_say_who_voted(voted_once: tuple[Path, ChatServer]) -> None:
    study, _ = voted_once
    assert "The excerpts were also judged by chat (small)" in (study / "outputs/report.html").read_text("utf-8")
    excerpt = by_voter(study)["excerpt_id"].iloc[0]
    assert any("voter:chat yes" in str(line) for line in as_lines(trace(study, excerpt)))


def test_answers_that_are_kept_are_not_asked_for_again(voted: Path, voted_once: tuple[Path, ChatServer]) -> None:
    asked, before = len(voted_once[1].asked), (voted / KEPT).read_bytes()
    assert run(voted).unchanged
    analyze(voted, fresh=True, now=NOW, tick=quiet)
    assert (len(voted_once[1].asked), (voted / KEPT).read_bytes()) == (asked, before)
    tables = [(root / "coded/machine/votes.parquet").read_bytes() for root in (voted, voted_once[0])]
    assert tables[0] == tables[1]


def test_without_requests_nothing_is_asked_and_what_it_would_cost_is_shown(analysed: Path) -> None:
    with chat_server(first_words) as server:
        name_voters(analysed, "chat", url=server.url, requests=0)
        voting = ask(analysed)
    assert server.asked == []
    (problem,) = voting.problems
    assert problem.where == "config.toml [chat] requests"
    assert "requests (about" in problem.what
    assert "tokens" in problem.what
    assert voting.panel.seats == ()
    assert would_ask_again({"voters": voting.facts}) is False, "until config.toml is another"


def test_a_voter_that_is_down_is_named_and_the_run_goes_on_without_its_votes(
    analysed: Path, analysed_once: Path
) -> None:
    def breaks(server: ChatServer, body: dict[str, Any]) -> Any:
        return first_words(server, body) if len(server.asked) <= 2 else (503, {}, b"busy")

    with chat_server(breaks) as server:
        name_voters(analysed, "chat", url=server.url)
        outcome = run(analysed)
        texts = outcome.record["voters"]["chat"]["texts"]
        assert outcome.exit_code == 2
        assert [problem.where for problem in outcome.problems] == ["config.toml [chat] url"]
        line = f"  voter      chat judged 2 of {texts} texts: this run counts without its votes"
        assert line in summary(outcome.record, unchanged=False, study=analysed)
        assert by_voter(analysed).empty
        codings = [pd.read_parquet(root / "coded/machine/codings.parquet") for root in (analysed, analysed_once)]
        assert codings[0].drop(columns="decided_by").equals(codings[1].drop(columns="decided_by"))
        assert problems(analysed) == []
        server.answer, asked = first_words, len(server.asked)
        again = run(analysed)
    assert (again.unchanged, again.exit_code) == (False, 0), "nothing changed, and it is asked again all the same"
    assert len(server.asked) - asked == texts - 2
    assert len(by_voter(analysed))


def test_words_of_people_who_want_no_quotes_are_never_sent(analysed: Path) -> None:
    register = analysed / "raw/participants.csv"
    text = register.read_text("utf-8").replace("TM,,yes", "TM,,no quotes").replace("RL,,yes", "RL,,no")
    register.write_text(text, "utf-8")
    with chat_server(first_words) as server:
        name_voters(analysed, "chat", url=server.url, leaves_the_machine=True)
        voting = ask(analysed, anew=True)
    sent = json.dumps(server.asked, ensure_ascii=False)
    assert server.asked
    assert "Cuando se rompa, ya nadie viene" not in sent
    assert "la bomba sigue andando" not in sent
    hidden = set(spoken(analysed).query("participant_id == 'W2'")["excerpt_id"])
    assert hidden
    assert not hidden & {vote.excerpt_id for vote in votes_of(voting, analysed)}
    assert voting.facts["chat"]["not_shown"] == len(hidden)


def test_names_are_sent_masked_and_words_with_a_doubtful_name_are_not_sent(analysed: Path) -> None:
    interview = analysed / "raw/interviews/rosa.txt"
    more = "Tito Mar: La señora Rosa Luna guarda las llaves.\nTito Mar: Pregunte usted a Rosa por el pozo.\n"
    interview.write_text(interview.read_text("utf-8") + more, "utf-8")
    with chat_server(first_words) as server:
        name_voters(analysed, "chat", url=server.url)
        ask(analysed, anew=True)
    sent = json.dumps(server.data, ensure_ascii=False)
    assert "guarda las llaves" in sent
    assert "Rosa" not in sent
    assert "por el pozo" not in sent


def test_a_withdrawal_takes_requests_and_answers_out_also_of_a_voter_that_is_off(voted: Path) -> None:
    assert "la bomba sigue andando" in (voted / KEPT).read_text("utf-8")
    name_voters(voted)
    result = withdraw(voted, "W1", is_removing=False, now=NOW, tick=quiet)
    assert "la bomba sigue andando" not in (voted / KEPT).read_text("utf-8")
    assert KEPT not in result.remaining


def test_a_line_that_was_cut_or_changed_is_asked_again_or_counts_for_nothing(
    voted: Path, voted_once: tuple[Path, ChatServer]
) -> None:
    *whole, last = (voted / KEPT).read_text("utf-8").splitlines(keepends=True)
    forged = json.loads(whole[-1]) | {
        "opinions": [{"criterion": "efficiency", "vote": 1, "score": 1.0, "quote": "never said"}]
    }
    (voted / KEPT).write_text("".join([*whole[:-1], json.dumps(forged) + "\n", "null\n", "[[\n", last[:40]]), "utf-8")
    asked = len(voted_once[1].asked)
    voting = ask(voted)
    assert len(voted_once[1].asked) == asked + 1
    assert voting.facts["chat"]["faults"] == {"other words": 1}
    assert all("never said" not in vote.because for vote in votes_of(voting, voted))


def test_decisions_of_people_teach_how_far_a_voter_is_right(voted: Path, voted_once: tuple[Path, ChatServer]) -> None:
    rows = spoken(voted)
    code = json.loads((voted / KEPT).read_text("utf-8").splitlines()[-1])["opinions"][0]["criterion"]
    drafts = [Draft(DecisionKind.CODE, row.excerpt_id, row.text_sha256, code) for row in rows.itertuples()]
    ledger.append(voted / "coded/decisions.jsonl", drafts, coder="ana", now=NOW)
    asked = len(voted_once[1].asked)
    run(voted)
    assert len(voted_once[1].asked) == asked, "what people decide asks nothing"
    codings = pd.read_parquet(voted / "coded/machine/codings.parquet").query("criterion == @code")
    assert set(codings["decided_by"]) == {"ana"}
    assert problems(voted) == []


class Loud:
    """Yes to the first code where somebody shouts."""

    version = "1"

    def vote(self, excerpts: Any, codebook: Codebook) -> Iterator[Ballot]:
        for excerpt in excerpts:
            shouts = "!" in excerpt.text
            yield Ballot(excerpt.excerpt_id, (Opinion(codebook.ids[0], 1, score=0.8),) if shouts else ())


class Careless(Loud):
    """Hands over what is no ballot at all."""

    def vote(self, excerpts: Any, *_: Any) -> Iterator[Any]:
        yield Ballot(excerpts[0].excerpt_id, (Opinion([], "yes"),))  # type: ignore[arg-type]


class Lazy(Loud):
    """Answers on nothing."""

    def vote(self, *_: Any) -> Iterator[Ballot]:
        yield from ()


class Broken(Loud):
    """Fails, with words of people in what it says."""

    def vote(self, excerpts: Any, *_: Any) -> Iterator[Ballot]:
        raise ValueError(excerpts[0].text)
        yield


def test_a_class_of_an_installed_module_is_a_voter(analysed: Path) -> None:
    name_voters(analysed, f"{__name__}:Loud")
    outcome = run(analysed)
    assert outcome.exit_code == 0
    rows = by_voter(analysed, "Loud")
    shouted = spoken(analysed)[spoken(analysed)["text"].str.contains("!", regex=False)]
    assert set(rows["excerpt_id"]) == set(shouted["excerpt_id"])
    assert set(rows["score"]) == {0.8}
    assert problems(analysed) == []


@pytest.mark.parametrize(
    ("name", "why"),
    [("Lazy", "no ballot"), ("Careless", "TypeError"), ("Broken", "ValueError"), ("Nothing", "AttributeError")],
)
def test_a_class_that_fails_is_named_without_what_it_says(analysed: Path, name: str, why: str) -> None:
    name_voters(analysed, f"{__name__}:{name}")
    (problem,) = ask(analysed).problems
    assert why in problem.what
    assert not any(text[:20] in str(problem) for text in spoken(analysed)["text"])


def test_no_module_of_a_study_is_run(analysed: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (analysed / "evil_voter.py").write_text("raise SystemExit('run')\n", "utf-8")
    monkeypatch.syspath_prepend(str(analysed))
    name_voters(analysed, "evil_voter:Voter")
    (problem,) = ask(analysed).problems
    assert "folder of the study" in problem.what


WRONG = {
    "no such voter": ({"voters": ["gpt"]}, "names something that is not a voter"),
    "two of one name": ({"voters": ["one:Same", "two:Same"]}, "two voters with the same name"),
    "no model": ({"model": ""}, "is missing"),
    "no address": ({"url": "localhost"}, "not a plain http or https address"),
    "another machine": ({"url": "https://api.example.org/v1"}, "leads to another computer"),
    "in clear": ({"url": "http://api.example.org/v1", "leaves_the_machine": True}, "without encryption"),
    "a model in a cloud": ({"model": "large:120b-cloud"}, "runs on another computer"),
    "names": ({"leaves_the_machine": True, "names": "off"}, "the names of people"),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_settings_that_cannot_be_used_are_named_before_anything_runs(small_study: Path, case: str) -> None:
    changes, why = WRONG[case]
    chat = {key: value for key, value in changes.items() if key not in ("voters", "names")}
    name_voters(small_study, *changes.get("voters", ["chat"]), **chat)
    if "names" in changes:
        with (small_study / "config.toml").open("a", encoding="utf-8") as file:
            file.write('\n[privacy]\nnames = "off"\n')
    (problem,) = load_written(locate_study(small_study)).problems
    assert why in problem.what
    with pytest.raises(ConfigError):
        run(small_study)


def test_a_vote_on_nothing_is_an_abstention_and_not_a_fault(analysed: Path) -> None:
    with chat_server(lambda _server, _body: votes()) as server:
        name_voters(analysed, "chat", url=server.url)
        voting = ask(analysed)
    assert votes_of(voting, analysed) == []
    assert voting.facts["chat"]["faults"] == {}
    assert voting.facts["chat"]["state"] == "counts"
