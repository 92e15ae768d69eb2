"""`proutt ask`: SynPT's agent workflow in the terminal (VII-B)."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

import click

from proutt.cli.run_options import opened_name
from proutt.cli.tasks import tasks_named
from proutt.cli.terminal import one_line, plain

if TYPE_CHECKING:
    from collections.abc import Mapping

    from proutt.intent.intention_state import IntentionState
    from proutt.llm import ChatModel, ModelSpec, Said
    from proutt.methods.synpt.steps import Exchange
    from proutt.prediction.workflow import Answered, Memory, Workflow

_WIDTH = 200
_HELP = "Say what you want, or the number of an option. An empty line, Ctrl-D or Ctrl-C ends the chat."
#: What is said to have a summary carried out.
_DO_IT = {"en": "Do it now.", "zh": "现在就办。"}


@click.command("ask")
@click.option(
    "--tasks",
    default="en",
    show_default=True,
    metavar="en|zh|FILE",
    help="What the assistant knows to ask about: the six tasks that ship, or a task file.",
)
@click.option(
    "--model",
    default="local",
    envvar="PROUTT_MODEL",
    show_envvar=True,
    show_default=True,
    help="Finds out what you want: a name that the endpoint knows, or local, local:tiny, local:PATH.gguf.",
)
@click.option(
    "--base-url",
    envvar="PROUTT_BASE_URL",
    metavar="URL",
    show_envvar=True,
    help="OpenAI-compatible endpoint; none for embedded models.",
)
@click.option(
    "--api-key-env",
    envvar="PROUTT_API_KEY_ENV",
    metavar="VARIABLE",
    help="Variable that holds the endpoint's key.  [default: PROUTT_API_KEY, then OPENAI_API_KEY]",
)
@click.option(
    "--assistant-model",
    metavar="NAME",
    help="Answers what is known and does the task; a larger one.  [default: --model]",
)
@click.option("--assistant-base-url", metavar="URL", help="Its endpoint; none for embedded models.")
@click.option("--assistant-api-key-env", metavar="VARIABLE", help="Variable that holds its endpoint's key.")
@click.option(
    "--small-steps/--whole-steps",
    default=None,
    help="One small question a call, or one step.  [default: small with an embedded model]",
)
@click.option(
    "--trained",
    is_flag=True,
    help="--model is one of proutt train over SynPT's rows: it asks as it was trained to. Needs --assistant-model.",
)
@click.option("--context-tokens", type=click.IntRange(min=256), help="Most tokens of prompt and answer of --model.")
@click.option("--seed", type=int, default=0, show_default=True, help="Keys all chance.")
@click.option("--verbose", is_flag=True, help="Show what is understood after each of your messages.")
def command(**given: Any) -> int:
    """Talk to an assistant that answers what it knows already, then asks for one thing that it does not (SynPT).

    When nothing is missing, or you want no more questions, it sums up what you want. Say what is wrong with the
    summary, or have it done. `proutt serve --tasks` is the same on a page.

    \b
      proutt ask --model qwen3-8b --base-url http://localhost:8000/v1
      proutt ask --tasks tasks.yaml --model local --assistant-model big --assistant-base-url http://localhost:8000/v1
    """  # fmt: skip
    from proutt.errors import UserError
    from proutt.llm import ModelSpec
    from proutt.prediction.workflow_models import workflow_of

    if given["trained"] and not given["assistant_model"]:
        remedy = "Give --assistant-model NAME: a model that only asks answers nothing else."
        raise UserError("a trained model needs a larger one beside it.", where="--trained", remedy=remedy)
    spec = ModelSpec(
        model=opened_name(given["model"]),
        base_url=given["base_url"],
        api_key_env=given["api_key_env"],
        context_tokens=given["context_tokens"],
    )
    tasks = tasks_named(given["tasks"])
    small = spec.embedded if given["small_steps"] is None else given["small_steps"]
    asks = _opened(spec)
    larger = _opened(_larger(given)) if given["assistant_model"] else asks
    workflow = workflow_of(tasks, asks, larger, small=small, seed=given["seed"], trained=given["trained"])
    click.echo(f"I know: {one_line(', '.join(task.name for task in tasks), 400)}\n{_HELP}")
    with asyncio.Runner() as runner:
        try:
            return _talk(Talk(workflow), runner, verbose=given["verbose"])
        finally:
            for model in dict.fromkeys((asks, larger)):
                runner.run(model.close())


def _larger(given: Mapping[str, Any]) -> ModelSpec:
    from proutt.llm import ModelSpec

    return ModelSpec(
        model=given["assistant_model"],
        base_url=given["assistant_base_url"],
        api_key_env=given["assistant_api_key_env"],
    )


def _opened(spec: ModelSpec) -> ChatModel:
    from proutt.cli.models import ProgressBar
    from proutt.llm import open_model

    with ProgressBar(quiet=False) as progress:
        return open_model(spec, progress=progress, on_note=lambda text: click.echo(one_line(text, 400), err=True))


class Talk:
    """One conversation: what was said, and what the workflow carries from reply to reply."""

    def __init__(self, workflow: Workflow) -> None:
        self._workflow = workflow
        self._past: list[Exchange] = []
        self._memory: Memory | None = None

    @property
    def summed_up(self) -> IntentionState | None:
        """What may be done now."""
        return None if self._memory is None else self._memory.summed_up

    async def said(self, utterance: str) -> Answered:
        """The reply to the user's next utterance; the turn is kept. Raises ModelError, AnswerError."""
        from proutt.methods.synpt.steps import Exchange

        answered = await self._workflow.reply("chat", self._past, utterance, memory=self._memory)
        self._past.append(Exchange(utterance, answered.text))
        self._memory = answered.memory
        return answered

    async def done(self, state: IntentionState) -> Said:
        """The task, done; what is said next begins another. Raises ModelError, AnswerError."""
        from proutt.prediction.workflow import Memory

        done = await self._workflow.execute(f"chat/{len(self._past)}", state)
        self._memory = Memory(len(self._past))
        return done


def _talk(talk: Talk, runner: asyncio.Runner, *, verbose: bool) -> int:
    """Utterance, answer and question; at last the summary, and the task."""
    from proutt.cli.chat import tried, written

    choices: list[str] = []
    while utterance := written(choices):
        summed_up = talk.summed_up
        if summed_up is not None and utterance == _do_it(summed_up):
            done = tried(lambda state=summed_up: runner.run(talk.done(state)), "Not done")  # type: ignore[misc]
            choices = choices if done is None else []
            click.echo("" if done is None else f"\n{plain(done.text)}\n")
            continue
        answered = tried(lambda said=utterance: runner.run(talk.said(said)), "No answer")  # type: ignore[misc]
        if answered is None:
            continue
        click.echo(f"\n{plain(answered.text)}\n")
        if verbose and answered.state is not None:
            click.echo(f"  [{_understood(answered.state, answered.ask)}]")
        choices = list(answered.options)
        if talk.summed_up is not None:
            choices = [_do_it(talk.summed_up)]
        for number, text in enumerate(choices, start=1):
            click.echo(f"  {number}  {one_line(text, _WIDTH)}")
    return 0


def _do_it(state: IntentionState) -> str:
    return _DO_IT.get(state.task.language, _DO_IT["en"])


def _understood(state: IntentionState, ask: str | None) -> str:
    """S_i and T_i on one line."""
    names = [state.task.name_of(key) + (" (asked)" if key == ask else "") for key in state.missing]
    parts = [f"{state.task.name_of(key)}: {value}" for key, value in state.given]
    parts += [f"missing: {', '.join(names)}"] if names else []
    return one_line("; ".join([state.task.name, *parts]), 2 * _WIDTH)
