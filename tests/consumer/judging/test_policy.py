"""Policies: what is read, what is refused and how, what identifies one."""

import random
from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from memelens.consumer.errors import SettingsError
from memelens.consumer.judging.policy import Policy
from memelens.consumer.judging.policy_loading import load_policy, parse_policy
from memelens.taxonomy import TASKS, Language, Task

BENIGN = {"humor", "sarcasm", "metaphor", "intention", "political", "motivational", "target"}
LANGUAGES = (*Language, None)


def policy(text: str) -> Policy:
    """A policy from YAML."""
    return parse_policy(text, "policy.yaml")


def test_the_default_policy_flags_reasons_to_look_and_nothing_else() -> None:
    """Thirteen harmful tasks have thresholds everywhere, seven descriptions never flag, nothing acts by itself."""
    default = load_policy(None)
    for task in TASKS:
        for language in LANGUAGES:
            assert (default.threshold(task, language) is None) == (task.value in BENIGN)
            assert not default.flags_transferred(task, language)
    assert {rule.route for rule in default.routes} == {"escalate", "review"}
    assert default.otherwise == "allow"


def test_a_threshold_holds_by_language() -> None:
    """A language's own value, else the others' for languages outside the nine, else the default; null never flags."""
    one = policy("{name: n, thresholds: {hateful: {default: 0.5, ar: 0.4, de: null, other: 0.9}, toxic: 0.7}}")
    asked = (Language.ENGLISH, Language.ARABIC, Language.GERMAN, None)
    assert [one.threshold(Task.HATEFUL, language) for language in asked] == [0.5, 0.4, None, 0.9]
    assert [one.threshold(Task.TOXIC, language) for language in asked] == [0.7] * 4
    assert one.threshold(Task.VULGAR, Language.ENGLISH) is None
    only = policy("{name: n, thresholds: {hateful: {ar: 0.4}}}")
    assert [only.threshold(Task.HATEFUL, language) for language in asked] == [None, 0.4, None, None]


PROBLEMS = [
    ("{thresholds: {}}", "name: is missing"),
    ("{name: n}", "thresholds: is missing"),
    ("{name: '', thresholds: {}}", "name: '': "),
    ("{name: 3, thresholds: {}}", "name: 3: should be a valid string"),
    ("{name: n, thresholds: {}, wieghts: {}}", "wieghts: unknown key; did you mean 'weights'?"),
    (
        "{name: n, thresholds: {hatefull: 0.5}}",
        "thresholds.hatefull: 'hatefull': unknown task 'hatefull'; did you mean 'hateful'?",
    ),
    ("{name: n, thresholds: {sentiment: 0.5}}", "thresholds.sentiment: 'sentiment': unknown task"),
    ("{name: n, thresholds: {hateful: 1.5}}", "thresholds.hateful.default: 1.5: should be less than or equal to 1"),
    ("{name: n, thresholds: {hateful: 0}}", "thresholds.hateful.default: 0: should be greater than 0"),
    ("{name: n, thresholds: {hateful: .nan}}", "thresholds.hateful.default: nan: should be"),
    ("{name: n, thresholds: {hateful: '0.5'}}", "thresholds.hateful.default: '0.5': should be a valid number"),
    ("{name: n, thresholds: {hateful: yes}}", "thresholds.hateful.default: True: should be a valid number"),
    ("{name: n, thresholds: {hateful: {xx: 0.5}}}", "thresholds.hateful.xx: 'xx': unknown language 'xx'; known: "),
    ("{name: n, thresholds: {}, weights: {hateful: 2}}", "weights.hateful: 2: should be less than or equal to 1"),
    (
        "{name: n, thresholds: {}, flag_transferred: {hateful: 1}}",
        "flag_transferred.hateful.default: 1: should be a valid boolean",
    ),
    (
        "{name: n, thresholds: {}, otherwise: drop}",
        "otherwise: 'drop': should be 'allow', 'review', 'act' or 'escalate'",
    ),
    ("{name: n, thresholds: {}, routes: [{route: review}]}", "routes.0.when: is missing"),
    ("{name: n, thresholds: {}, routes: [{route: review, when: {}}]}", "routes.0.when: section: asks nothing"),
    (
        "{name: n, thresholds: {}, routes: [{route: act, when: {flaged: true}}]}",
        "routes.0.when.flaged: unknown key; did you mean 'flagged'?",
    ),
    (
        "{name: n, thresholds: {}, routes: [{route: act, when: {tasks: [hate]}}]}",
        "routes.0.when.tasks.0: 'hate': unknown task 'hate'",
    ),
    (
        "{name: n, thresholds: {}, routes: [{route: act, when: {families: [harms]}}]}",
        "routes.0.when.families.0: 'harms': should be 'harm', ",
    ),
    (
        "{name: n, thresholds: {hateful: 0.5}, routes: [{route: act, when: {tasks: [humor]}}]}",
        "routes.0.when.tasks names tasks that this policy never flags (humor)",
    ),
    (
        "{name: n, thresholds: {hateful: 0.5}, routes: [{route: act, when: {families: [affect]}}]}",
        "routes.0.when.families names tasks",
    ),
    (
        "{name: n, thresholds: {}, rationales: {which: some}}",
        "rationales.which: 'some': should be 'none', 'flagged', 'families' or 'all'",
    ),
    (
        "{name: n, thresholds: {}, rationales: {max_per_post: 0}}",
        "rationales.max_per_post: 0: should be greater than or equal to 1",
    ),
    (
        "{name: n, thresholds: {}, rationales: {languages: [fr]}}",
        "rationales.languages.0: 'fr': should be 'en' or 'post'",
    ),
    ("{name: n, thresholds: {toxic: 0.1, toxic: 0.2}}", "line 1, column 36 is not YAML: 'toxic' stands twice"),
    ("{name: n", "policy.yaml: line 1, column 9 is not YAML"),
    ("- name", "holds a list; write `key: value` lines"),
    ("", "policy.yaml: holds nothing; write"),
    ("{name: n, thresholds: [hateful]}", "thresholds: ['hateful']: should be a section of `key: value`"),
    ("{name: n, thresholds: }", "thresholds: nothing: should be a section"),
    ("{name: n, thresholds: {}, rationales: all}", "rationales: 'all': should be a section"),
    ("{name: n, thresholds: {}, rationales: {languages: en}}", "rationales.languages: 'en': should be a list: [a, b]"),
    ("{name: n, thresholds: {}, routes: {when: {flagged: true}}}", "routes: section: should be a list"),
]


@pytest.mark.parametrize(("text", "said"), PROBLEMS, ids=[str(number) for number in range(len(PROBLEMS))])
def test_a_problem_is_told_with_key_value_and_remedy(text: str, said: str) -> None:
    """One line that names the file, the key and the value, and says what would be right."""
    with pytest.raises(SettingsError) as caught:
        policy(text)
    assert said in str(caught.value)
    assert str(caught.value).startswith("policy.yaml: ")
    assert "\n" not in str(caught.value)


def test_all_problems_are_told_at_once() -> None:
    """Who writes a policy corrects it in one go."""
    with pytest.raises(SettingsError) as caught:
        policy("{nome: n, thresholds: {hatefull: 2, toxic: 2}, otherwise: drop}")
    told = str(caught.value).splitlines()
    keys = {line.split(": ")[1] for line in told}
    assert keys == {
        "name",
        "nome",
        "thresholds.hatefull",
        "thresholds.hatefull.default",
        "thresholds.toxic.default",
        "otherwise",
    }


def test_a_missing_file_is_told(tmp_path: Path) -> None:
    """Also one that isn't text."""
    with pytest.raises(SettingsError, match=r"nowhere\.yaml: can't be read"):
        load_policy(tmp_path / "nowhere.yaml")
    (tmp_path / "picture.yaml").write_bytes(b"\x89PNG\xff")
    with pytest.raises(SettingsError, match="UTF-8"):
        load_policy(tmp_path / "picture.yaml")


def test_the_digest_follows_the_content() -> None:
    """Spelling, order and comments don't matter, every value does."""
    same = [
        "{name: n, thresholds: {hateful: 0.5, toxic: 0.7}}",
        "# a comment\nthresholds:\n  toxic: {default: 0.7}\n  hateful: 0.50\nname: n\notherwise: allow\n",
    ]
    others = [
        "{name: m, thresholds: {hateful: 0.5, toxic: 0.7}}",
        "{name: n, thresholds: {hateful: 0.5, toxic: 0.71}}",
        "{name: n, thresholds: {hateful: 0.5, toxic: {default: 0.7, ar: 0.6}}}",
        "{name: n, thresholds: {hateful: 0.5, toxic: 0.7}, weights: {toxic: 0.5}}",
        "{name: n, thresholds: {hateful: 0.5, toxic: 0.7}, flag_transferred: {toxic: true}}",
        "{name: n, thresholds: {hateful: 0.5, toxic: 0.7}, otherwise: review}",
        "{name: n, thresholds: {hateful: 0.5, toxic: 0.7}, abstain_margin: 0.2}",
        "{name: n, thresholds: {hateful: 0.5, toxic: 0.7}, rationales: {which: all}}",
        "{name: n, thresholds: {hateful: 0.5, toxic: 0.7}, routes: [{route: act, when: {flagged: true}}]}",
    ]
    assert len({policy(text).digest for text in same}) == 1
    assert len({policy(text).digest for text in [same[0], *others]}) == 1 + len(others)


def test_the_digest_outlives_versions() -> None:
    """It is part of every verdict's id: a setting that a later version adds changes no digest where it isn't used."""
    assert (
        policy("{name: n, thresholds: {hateful: 0.5}, routes: [{when: {flagged: true}, route: act}]}").digest
        == "d6370813a8267ad1"
    )


def test_a_changed_copy_has_another_digest() -> None:
    """The command line changes single values of a policy that was loaded."""
    default = load_policy(None)
    before = default.digest
    assert default.model_copy(update={"name": "mine"}).digest != before


POLICIES = st.fixed_dictionaries(
    {
        "name": st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1, max_size=20),
        "thresholds": st.dictionaries(
            st.sampled_from([task.value for task in TASKS]),
            st.one_of(
                st.none(),
                st.floats(0.01, 1),
                st.dictionaries(
                    st.sampled_from(["default", "other", *(language.value for language in Language)]),
                    st.none() | st.floats(0.01, 1),
                ),
            ),
        ),
        "weights": st.dictionaries(st.sampled_from([task.value for task in TASKS]), st.floats(0, 1)),
        "abstain_margin": st.floats(0, 1),
    }
)


@given(POLICIES, st.randoms())
def test_any_policy_survives_yaml(content: dict[str, object], shuffler: random.Random) -> None:
    """What was meant is what is read, whatever the order of keys."""
    pairs = list(content.items())
    shuffler.shuffle(pairs)
    read = policy(yaml.safe_dump(dict(pairs), allow_unicode=True, sort_keys=False))
    assert read == Policy.model_validate(content)
    assert read.digest == Policy.model_validate(content).digest


@given(
    st.recursive(
        st.none()
        | st.booleans()
        | st.floats()
        | st.text(max_size=5)
        | st.sampled_from(["hateful", "name", "thresholds", "routes", "when", "default"]),
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(
                st.sampled_from(["name", "thresholds", "routes", "when", "hateful", "rationales", "x"]),
                inner,
                max_size=3,
            )
        ),
    )
)
def test_any_other_yaml_is_refused_in_sentences(content: object) -> None:
    """Whatever stands in a file: a policy, or lines that start with the file's name."""
    told = ""
    try:
        policy(yaml.safe_dump(content))
    except SettingsError as error:
        told = str(error)
    assert all(line.startswith("policy.yaml: ") for line in told.splitlines())
