"""Settings: where values come from, and what is said about wrong ones."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from memelens.consumer.errors import SettingsError
from memelens.consumer.setting_values import redacted
from memelens.consumer.settings import Settings
from memelens.consumer.settings_loading import load_settings, ordinal_of

Load = Callable[..., Settings]


@pytest.fixture
def load(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Load:
    """Loads settings from a YAML text, environment and flags, in an empty working directory."""
    monkeypatch.chdir(tmp_path)

    def load_from(text: str | None = None, environment: Mapping[str, str] | None = None, **flags: object) -> Settings:
        if text is not None:
            (tmp_path / "memelens.yaml").write_text(text, encoding="utf-8")
        return load_settings(None, {name.replace("__", "."): value for name, value in flags.items()}, environment or {})

    return load_from


def problems_of(load: Load, *args: object, **flags: object) -> list[str]:
    """What is wrong, line by line."""
    with pytest.raises(SettingsError) as caught:
        load(*args, **flags)
    return str(caught.value).splitlines()


def test_nothing_given_is_the_embedded_default(load: Load) -> None:
    """Without file, environment and flags everything runs embedded."""
    loaded = load()
    assert (loaded.broker, loaded.cache, loaded.model) == ("sqlite:///memelens.db", "memory://", "demonstration")
    assert loaded == Settings()


def test_flags_beat_environment_beats_file(load: Load) -> None:
    """A later source overrides single keys of an earlier one, in sections too."""
    loaded = load(
        "group: file\nmodel: fake://\nbatching: {max_posts: 1, max_age_ms: 1}\nengine: {device: cpu}",
        {
            "MEMELENS_GROUP": "environment",
            "MEMELENS_BATCHING__MAX_POSTS": "2",
            "MEMELENS_IMAGES__HOSTS": "a.org, b.org",
        },
        group="flag",
        engine__dtype="float32",
        model=None,
    )
    assert (loaded.group, loaded.model) == ("flag", "fake://")
    assert (loaded.batching.max_posts, loaded.batching.max_age_ms) == (2, 1)
    assert (loaded.engine.device, loaded.engine.dtype) == ("cpu", "float32")
    assert loaded.images.hosts == ("a.org", "b.org")


def test_an_output_is_switched_off_by_null(load: Load) -> None:
    """`null` switches an output off, from the file and from the environment."""
    loaded = load("topics: {harm: null}", {"MEMELENS_TOPICS__AFFECT": "null", "MEMELENS_HEALTH__PORT": "null"})
    assert (loaded.topics.harm, loaded.topics.affect, loaded.topics.intent) == (None, None, "memes.labels.intent")
    assert loaded.health.port is None


def test_all_problems_come_at_once(load: Load) -> None:
    """Unknown keys, bad values and missing files of all sources stand in one error, each on a line of its own."""
    lines = problems_of(
        load,
        "brokr: kafka://x:1\npolicy: nope.yaml\ntopics: {input: a b}\nbatching: 12\n5: 3",
        {"MEMELENS_LIMITS__IN_FLIGHT_POSTS": "many", "MEMELENS_GRUOP": "x", "MEMELENS_TOPICS": "x"},
        delivery="once",
    )
    for start, says in [
        ("brokr", "unknown key (in memelens.yaml); did you mean 'broker'?"),
        ("policy", "'nope.yaml' (in memelens.yaml): no such file"),
        ("topics.input", "'a b' (in memelens.yaml): write 1 to 249 letters"),
        ("batching", "should be a section with max_posts, max_age_ms"),
        ("5", "unknown key"),
        ("limits.in_flight_posts", "'many' (MEMELENS_LIMITS__IN_FLIGHT_POSTS): should be a valid integer"),
        ("MEMELENS_GRUOP", "did you mean MEMELENS_GROUP?"),
        ("MEMELENS_TOPICS", "MEMELENS_TOPICS__KEY=value"),
        ("delivery", "'once' (--delivery): should be 'at-least-once' or 'exactly-once'"),
    ]:
        assert any(line.startswith(f"{start}:") and says in line for line in lines), (start, lines)
    assert len(lines) == 9


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("broker: kafka://", "write kafka://host:9092"),
        ("broker: rabbit://x", "write kafka://host:9092"),
        ("broker: kafka://host:port", "write kafka://host:9092"),
        ("broker: kafka://host:99999", "write kafka://host:9092"),
        ("broker: 'kafka://host:9092,'", "write kafka://host:9092"),
        ("broker: kafka://bob:pw@host:9092", "user and password are kafka.sasl_username and sasl_password"),
        ("broker: sqlite:///no/such/folder/x.db", "no such directory"),
        ("cache: memcached://x", "write redis://host:6379/0"),
        ("cache: redis://", "write redis://host:6379/0"),
        ("cache: redis://host:port", "write redis://host:6379/0"),
        ("cache: redis://host/posts", "write redis://host:6379/0"),
        ("policy: .", "'.' (in memelens.yaml): is no file"),
        ("model: /no/such/model", "no such directory"),
        ("model: demonstartion", "did you mean 'demonstration'?"),
        ("model: fake://?latncy_ms=1", "did you mean 'latency_ms'?"),
        ("engine: {device: gpu}", "write auto, cpu, cuda or cuda:0"),
        ("device: cpu", "did you mean 'engine.device'?"),
        ("kafka: {security_protocol: SASL_SSL, sasl_username: bob}", "needs sasl_mechanism, sasl_password too"),
        ("kafka: {ssl_cafile: memelens.yaml}", "holds no certificates in PEM"),
        ("kafka: {ssl_certfile: memelens.yaml}", "are no certificate and its key in PEM"),
        ("kafka: {ssl_keyfile: memelens.yaml}", "ssl_keyfile needs ssl_certfile too"),
        ("kafka: {request_timeout_seconds: .inf}", "should be a finite number"),
        ("ordinal: -1", "greater than or equal to 0"),
        ("topics: {dead_letter: null}", "valid string"),
        ("topics: {dead_letter: memes.posts}", "input and dead_letter are both memes.posts"),
        ("topics: {intent: memes.labels.harm}", "harm and intent are both memes.labels.harm"),
        ("images: {hosts: ['https://cdn.example.org']}", "without https://"),
        ("images: {hosts: [cdn.example.org, bücher.example]}", "'bücher.example' (in memelens.yaml): write"),
        ("images: {private_networks: [10.0.0.1/8]}", "write 10.0.0.0/8"),
        ("images: {private_networks: [intranet]}", "write a network such as 10.0.0.0/8"),
        ("images: {s3_endpoint: 'minio:9000'}", "write https://host:port"),
        ("- a", "write `key: value` lines"),
        ("a: [", "line 1, column 5 is not YAML"),
        ("group: a\ngroup: b", "'group' stands twice"),
        ("group: !!python/object/apply:os.getcwd []", "is not YAML"),
    ],
)
def test_each_problem_says_what_would_be_right(load: Load, text: str, says: str) -> None:
    """A wrong value is answered with the remedy, in one line that names the key or the file."""
    (line,) = problems_of(load, text)
    assert says in line
    assert line.startswith((text.split(":", maxsplit=1)[0], "memelens.yaml", "engine.", "topics."))


@pytest.mark.parametrize(
    "url", ["kafka://a,b:9092", "kafka://[::1]:9092/", "kafka://::1", "kafka://kafka_1.kafka.svc:9092,10.0.0.1:9092"]
)
def test_brokers_may_be_what_clients_connect_to(load: Load, url: str) -> None:
    """Names and addresses of both kinds, with ports or the usual one."""
    assert load(f"broker: '{url}'").broker == url


@pytest.mark.parametrize("url", ["rediss://bob:p%40ss@h", "redis://h:1/2?password=x", "redis+cluster://h:7000/"])
def test_caches_may_have_a_number_and_options(load: Load, url: str) -> None:
    """User and password, port, database, options."""
    assert load(f"cache: '{url}'").cache == url


def test_wrong_flags_are_named_as_they_are_spelled(load: Load) -> None:
    """`send --topic` sets `topics.input`, and the mistake is told of `--topic`."""
    (line,) = problems_of(load, None, topics__input="a b")
    assert "(--topic)" in line


def test_a_missing_ordinal_is_told_with_all_other_problems(load: Load, monkeypatch: pytest.MonkeyPatch) -> None:
    """What exactly-once needs besides doesn't come up only when everything else is right."""
    monkeypatch.setattr("socket.gethostname", lambda: "host")
    lines = problems_of(load, "delivery: exactly-once\ncache: nowhere")
    assert [line.partition(":")[0] for line in lines] == ["ordinal", "cache"]


def test_hosts_and_networks_may_be_what_references_need(load: Load) -> None:
    """Names, subdomains, ports and addresses of both kinds."""
    hosts = "cdn.example.org,*.example.org,localhost:8080,127.0.0.1:9000,::1,my_store"
    networks = "10.0.0.0/8,192.0.2.7,fd00::/8,::1/128"
    loaded = load(None, {"MEMELENS_IMAGES__HOSTS": hosts, "MEMELENS_IMAGES__PRIVATE_NETWORKS": networks})
    assert (",".join(loaded.images.hosts), ",".join(loaded.images.private_networks)) == (hosts, networks)


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    """`--config` with a file that isn't there says so."""
    with pytest.raises(SettingsError, match=r"other\.yaml: no such file"):
        load_settings(tmp_path / "other.yaml", {}, {})


SECRET = "hunter2-zorblax"


@pytest.mark.parametrize(
    "text",
    [
        f"broker: kafka://bob:{SECRET}@host:9092",
        f"broker: amqp://bob:{SECRET}@host:9092",
        f"cache: redis://:{SECRET}@host/0",
        f"cache: http://:{SECRET}@host/0",
        f"kafka: {{sasl_password: {SECRET}, security_protocol: SASL_SSL}}",
        f"kafka: {{sasl_password: [{SECRET}]}}",
        f"kafka: {{sasl_password: *{SECRET}}}",
        f"kafka:\n  sasl_password: !{SECRET}",
        f"cache: redis://host/0?password={SECRET}",
        f"cache: http://host/0?db=1&password={SECRET}",
        f"kafka: {{sasl_pasword: {SECRET}}}",
        f"caching: {{salt: {{a: {SECRET}}}}}",
    ],
)
def test_secrets_are_never_printed(load: Load, text: str) -> None:
    """A password shows neither in an error, nor in the text of valid settings."""
    try:
        shown = repr(load(text))
    except SettingsError as error:
        shown = str(error)
    assert SECRET not in shown


def test_urls_lose_their_credentials() -> None:
    """Host and path of a URL stay when it is shown."""
    assert (
        redacted("redis://bob:pw@host:6379/0 and kafka://host:9092") == "redis://***@host:6379/0 and kafka://host:9092"
    )


def test_variables_of_services_are_not_settings(load: Load) -> None:
    """What Kubernetes puts into every pod for services called memelens is left alone."""
    environment = {
        "MEMELENS_PORT": "tcp://10.0.0.1:9464",
        "MEMELENS_PORT_9464_TCP_ADDR": "10.0.0.1",
        "MEMELENS_SERVICE_HOST": "10.0.0.1",
        "MEMELENS_REDIS_SERVICE_PORT_REDIS": "6379",
        "MEMELENS_REDIS_PORT_6379_TCP": "tcp://10.0.0.1:6379",
        "MEMELENS_TEST_REDIS_URL": "redis://localhost",
    }
    assert load(None, environment) == Settings()


@pytest.mark.parametrize(
    ("host", "configured", "expected"),
    [("memelens-3", None, 3), ("memelens-3", 7, 7), ("memelens", None, None), ("worker4", None, None)],
)
def test_the_ordinal_is_the_end_of_the_host_name(host: str, configured: int | None, expected: int | None) -> None:
    """A StatefulSet's pods are numbered by their names; a setting stands above it."""
    assert ordinal_of(Settings(ordinal=configured), host) == expected


def _problems(path: Path) -> list[str]:
    try:
        load_settings(path, {}, {})
    except SettingsError as error:
        return str(error).splitlines()
    return []


_SCALARS = st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20)
_NAMES = st.sampled_from([*Settings.model_fields, "input", "max_posts", "x"]) | st.text(max_size=8)
_TREES = st.recursive(_SCALARS, lambda inner: st.lists(inner, max_size=3) | st.dictionaries(_NAMES, inner, max_size=4))


@given(tree=st.dictionaries(_NAMES, _TREES, max_size=6))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_yaml_is_settings_or_a_list_of_problems(tmp_path: Path, tree: dict[str, object]) -> None:
    """Whatever stands in the file, the answer is settings or one readable error."""
    path = tmp_path / "any.yaml"
    path.write_text(yaml.safe_dump(tree, allow_unicode=True), encoding="utf-8")
    assert all(": " in line for line in _problems(path))


@given(text=st.text(max_size=60))
@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_any_text_is_settings_or_a_list_of_problems(tmp_path: Path, text: str) -> None:
    """A file of garbage is refused, never a traceback."""
    path = tmp_path / "any.yaml"
    path.write_bytes(text.encode("utf-8"))
    assert all(line.startswith(str(path)) or ": " in line for line in _problems(path))
