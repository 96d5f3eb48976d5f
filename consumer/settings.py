"""Every setting, with its default and its meaning; docs/configuration.md is checked against this file."""

from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, NoDecode, PydanticBaseSettingsSource, SettingsConfigDict

from .setting_values import (
    broker_url,
    cache_url,
    device_name,
    existing_directory,
    existing_file,
    host_rule,
    manifest_name,
    model_name,
    network,
    require_key_pair,
    split_commas,
    topic_name,
    trusted_certificates,
    web_address,
)

__all__ = [
    "BatchSettings",
    "CacheSettings",
    "EngineSettings",
    "HealthSettings",
    "ImageSettings",
    "KafkaSettings",
    "LimitSettings",
    "LogSettings",
    "PoisonSettings",
    "Settings",
    "TopicSettings",
]

_Names = Annotated[tuple[str, ...], NoDecode, BeforeValidator(split_commas)]
_Hosts = Annotated[tuple[Annotated[str, AfterValidator(host_rule)], ...], NoDecode, BeforeValidator(split_commas)]
_Networks = Annotated[tuple[Annotated[str, AfterValidator(network)], ...], NoDecode, BeforeValidator(split_commas)]
_File = Annotated[Path, AfterValidator(existing_file)]
_Trusted = Annotated[Path, AfterValidator(trusted_certificates)]
_Directory = Annotated[Path, AfterValidator(existing_directory)]
_Topic = Annotated[str, AfterValidator(topic_name)]
_Count = Annotated[int, Field(ge=1)]
_Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]


class _Section(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", use_attribute_docstrings=True, hide_input_in_errors=True)


class TopicSettings(_Section):
    """Topic names, each of its own; an output that is null is switched off."""

    input: _Topic = "memes.posts"
    """Where posts come from."""
    verdicts: _Topic | None = "memes.verdicts"
    """Every verdict."""
    harm: _Topic | None = "memes.labels.harm"
    """Labels and rationales of the harm family."""
    target: _Topic | None = "memes.labels.target"
    """The same of target."""
    intent: _Topic | None = "memes.labels.intent"
    """The same of intent."""
    affect: _Topic | None = "memes.labels.affect"
    """The same of affect."""
    flagged: _Topic | None = "memes.flagged"
    """What a person should look at."""
    dead_letter: _Topic = "memes.dead-letter"
    """Records that can't be judged; never off, since they would be lost."""

    @model_validator(mode="after")
    def _one_topic_each(self) -> Self:
        """Records of two outputs on one topic would differ in nothing that a reader tells events apart by."""
        taken: dict[str, str] = {}
        for name in type(self).model_fields:
            topic = getattr(self, name)
            if topic is None or (first := taken.setdefault(topic, name)) == name:
                continue
            wrong = "what is written would be read again" if first == "input" else "each output needs one of its own"
            raise ValueError(f"{first} and {name} are both {topic}: {wrong}")
        return self


class KafkaSettings(_Section):
    """How to talk to a Kafka broker; of it, sqlite takes only `session_timeout_seconds`."""

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = "PLAINTEXT"
    """PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL, as in every Kafka client."""
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = None
    """Needed with SASL."""
    sasl_username: str | None = None
    """Needed with SASL."""
    sasl_password: SecretStr | None = None
    """Needed with SASL; give it through the environment: MEMELENS_KAFKA__SASL_PASSWORD."""
    ssl_cafile: _Trusted | None = None
    """Certificates (PEM) to trust; null is the system's."""
    ssl_certfile: _File | None = None
    """Our own certificate (PEM)."""
    ssl_keyfile: _File | None = None
    """Its key (PEM, without a passphrase)."""
    ssl_check_hostname: bool = True
    """Whether the broker's certificate must name the host."""
    session_timeout_seconds: _Seconds = 15.0
    """After which a silent member's partitions go to another."""
    request_timeout_seconds: _Seconds = 20.0
    """For one request to the broker."""

    @model_validator(mode="after")
    def _complete_credentials(self) -> Self:
        wanted = ("sasl_mechanism", "sasl_username", "sasl_password") if "SASL" in self.security_protocol else ()
        if missing := [name for name in wanted if getattr(self, name) is None]:
            raise ValueError(f"{self.security_protocol} needs {', '.join(missing)} too")
        require_key_pair(self.ssl_certfile, self.ssl_keyfile)
        return self


class EngineSettings(_Section):
    """How the model runs."""

    adapter: str | None = None
    """LoRA adapter on the model: a directory or a hub id."""
    manifest: Annotated[str, AfterValidator(manifest_name)] | None = None
    """A file like memelens.json that stands above the checkpoint's own; `released` for a copy of QCRI/MemeLens-VLM."""
    device: Annotated[str, AfterValidator(device_name)] = "auto"
    """auto, cpu, cuda or cuda:N."""
    dtype: Literal["auto", "float32", "bfloat16"] = "auto"
    """auto: bfloat16 on CUDA, float32 on a CPU."""
    max_pixels: Annotated[int, Field(ge=1024)] | None = None
    """Pixels that a picture is scaled down to; null is the checkpoint's own cap."""
    token_budget: Annotated[int, Field(ge=256)] = 16384
    """New tokens in one forward pass."""
    rationale_tokens: _Count = 96
    """Length at which a rationale is cut."""
    process: Literal["auto", "thread", "process"] = "auto"
    """auto: a process of its own for real models, a thread for the demonstration and fake ones."""
    start_seconds: _Seconds = 900.0
    """Deadline for loading the model in its process."""
    call_seconds: _Seconds = 300.0
    """Deadline for one call; a process that exceeds it is replaced."""


class CacheSettings(_Section):
    """What is kept of earlier answers."""

    ttl_seconds: _Seconds = 7 * 86400.0
    """How long an answer is kept; up to a tenth is taken off at random."""
    timeout_seconds: _Seconds = 0.25
    """For one call to Redis; an outage slows and never stops anything."""
    salt: SecretStr = SecretStr("")
    """Mixed into every key, so that keys tell nothing of the content."""
    max_bytes: _Count = 256 * 1024 * 1024
    """Of `memory://`: the least recently used entries go first."""


class ImageSettings(_Section):
    """Pictures, and where references to them may lead: nowhere unless listed here."""

    schemes: Annotated[frozenset[Literal["https", "http", "s3"]], NoDecode, BeforeValidator(split_commas)] = frozenset(
        {"https", "s3"}
    )
    """Of references; each also needs its hosts or buckets."""
    hosts: _Hosts = ()
    """Web hosts: `cdn.example.org`, `*.example.org` (its subdomains), with `:port` where it isn't the usual one."""
    private_networks: _Networks = ()
    """Networks (10.0.0.0/8) that are fetched from though they are private, loopback or link-local."""
    ca_file: _Trusted | None = None
    """Certificates (PEM) to trust in place of the public ones."""
    buckets: _Names = ()
    """Buckets of our own object store; credentials are boto3's own."""
    s3_endpoint: Annotated[str, AfterValidator(web_address)] | None = None
    """Address of the object store; null is AWS."""
    s3_region: str | None = None
    """Its region."""
    file_root: _Directory | None = None
    """The folder that `file:` references lie in."""
    max_bytes: _Count = 16 * 1024 * 1024
    """Of a compressed picture."""
    max_pixels: _Count = 50_000_000
    """Of a picture, read from its header."""
    connections: _Count = 32
    """To web servers, and to the object store, at the same time."""
    connect_seconds: _Seconds = 5.0
    """For a connection."""
    read_seconds: _Seconds = 10.0
    """For each wait for bytes."""
    total_seconds: _Seconds = 30.0
    """For a whole attempt."""
    unavailable_seconds: _Seconds = 120.0
    """After which a host that stays unreachable makes its posts dead letters."""


class BatchSettings(_Section):
    """When a batch closes: at the first bound."""

    max_posts: _Count = 32
    """Posts in a batch."""
    max_age_ms: Annotated[float, Field(ge=0, allow_inf_nan=False)] = 25.0
    """Milliseconds that its oldest post waits."""


class LimitSettings(_Section):
    """Bounds on work and patience."""

    in_flight_posts: _Count = 1024
    """Posts between poll and acknowledged outputs; polling pauses there."""
    in_flight_bytes: _Count = 256 * 1024 * 1024
    """The same in bytes."""
    fetch_threads: _Count = 16
    """Pictures fetched at once."""
    max_record_bytes: _Count = 32 * 1024 * 1024
    """Of a post's record."""
    max_text_characters: _Count = 4000
    """Text and caption are cut there before they are judged."""
    drain_seconds: _Seconds = 25.0
    """After SIGTERM, for what is in flight."""
    start_seconds: _Seconds = 30.0
    """For the probes of broker and topics at start."""


class PoisonSettings(_Section):
    """When many posts in a row can't be judged, the fault is rarely theirs."""

    share: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Share of dead letters among the last posts above which an error is logged."""
    window: _Count = 1000
    """How many posts the last ones are."""
    halts: bool = False
    """Whether to stop consuming there until a person acts."""


class HealthSettings(_Section):
    """`/healthz`, `/readyz` and `/metrics`."""

    host: str = "127.0.0.1"
    """Address to listen on; set 0.0.0.0 in a container, whose probes come from outside."""
    port: Annotated[int, Field(ge=0, le=65535)] | None = 9464
    """0 takes any free port, null switches it off."""


class LogSettings(_Section):
    """Log lines of `run` on standard error; never a post's text or picture."""

    format: Literal["auto", "json", "console"] = "auto"
    """auto: coloured on a terminal, JSON lines elsewhere."""
    level: Literal["debug", "info", "warning", "error"] = "info"
    """Lowest level written."""


class Settings(BaseSettings):
    """All settings. `load_settings` reads them from file, environment and flags."""

    model_config = SettingsConfigDict(
        env_prefix="MEMELENS_",
        env_nested_delimiter="__",
        extra="forbid",
        frozen=True,
        hide_input_in_errors=True,
        use_attribute_docstrings=True,
    )

    broker: Annotated[str, AfterValidator(broker_url), Field(repr=False)] = "sqlite:///memelens.db"
    """`kafka://host:port,host:port` or `sqlite:///path`."""
    group: Annotated[str, Field(min_length=1, max_length=255)] = "memelens"
    """Consumer group."""
    cache: Annotated[str, AfterValidator(cache_url), Field(repr=False)] = "memory://"
    """`redis://…`, `rediss://…`, `redis+cluster://…` or `memory://`."""
    model: Annotated[str, AfterValidator(model_name)] = "demonstration"
    """`demonstration`, a local directory, a hub id `org/name[@revision]`, or `fake://`."""
    policy: _File | None = None
    """Policy file (YAML); null is the default policy."""
    delivery: Literal["at-least-once", "exactly-once"] = "at-least-once"
    """exactly-once writes outputs and offsets in one transaction."""
    ordinal: Annotated[int, Field(ge=0)] | None = None
    """Number of this process in its group, for the transactional id; null is the number at the end of the host name."""
    start_at: Literal["earliest", "latest"] = "earliest"
    """Where a group without committed offsets starts."""
    carry_headers: _Names = ()
    """Record headers copied to the outputs, besides traceparent, tracestate and baggage."""
    topics: TopicSettings = TopicSettings()
    kafka: KafkaSettings = KafkaSettings()
    engine: EngineSettings = EngineSettings()
    caching: CacheSettings = CacheSettings()
    images: ImageSettings = ImageSettings()
    batching: BatchSettings = BatchSettings()
    limits: LimitSettings = LimitSettings()
    poison: PoisonSettings = PoisonSettings()
    health: HealthSettings = HealthSettings()
    log: LogSettings = LogSettings()

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],  # noqa: ARG003 - the base class's signature, here and below
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Only what is passed in: `load_settings` merges the sources itself, to tell where each value came from."""
        return (init_settings,)
