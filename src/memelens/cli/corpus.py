"""`memelens corpus …`: the unified corpus."""

import typer

from . import corpus_build, corpus_export, corpus_list, corpus_show, corpus_stats, corpus_verify

__all__ = ["app"]

app = typer.Typer(help="Build and check the unified corpus.", no_args_is_help=True)
app.command("list")(corpus_list.list_sources)
app.command("build")(corpus_build.build)
app.command("verify")(corpus_verify.verify)
app.command("stats")(corpus_stats.stats)
app.command("show")(corpus_show.show)
app.command("export")(corpus_export.export)
