"""What `proutt serve` can be told, and the defaults that depend on the model."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from proutt.export.prompt import Instruction
from proutt.intent.task import Task
from proutt.llm import ModelSpec
from proutt.prediction.config import Method, PredictConfig
from proutt.prediction.prediction import Setting
from proutt.serving.addresses import LOOPBACK

#: Methods whose answer is one short text: a user can wait for it. The others reason first, or ask several times.
_SHORT: frozenset[Method] = frozenset({"prompt", "follow-up"})
SHORT_TIMEOUT_S, REASONING_TIMEOUT_S, EMBEDDED_TIMEOUT_S = 3.0, 10.0, 120.0


@dataclass(frozen=True, slots=True)
class Limits:
    """What one request, and all together, may take.

    body_bytes   of a request's body
    body_s       seconds in which the body must have come
    per_minute   requests of one key, or of one address where there are no keys; 0: any number
    in_flight    requests that ask a model at once; one more is refused
    shutdown_s   how long requests in flight may go on after the service is told to stop
    """

    body_bytes: int = 2**20
    body_s: float = 10.0
    per_minute: int = 120
    in_flight: int = 64
    shutdown_s: float = 10.0


@dataclass(frozen=True)
class ServeSettings:
    """One service.

    spec, assistant  the model that foresees and mines intentions, and the one that answers in the chat and does tasks;
                 the same one where assistant is None
    n            suggestions where a request names no number
    timeout_s    for one request's suggestions; None: as suits method and model (`timeout`)
    min_score    suggestions with a lower score are left out (0..1)
    seed         keys all chance: the same chat gets the same suggestions of a model that draws by seed
    keys         what clients must show; none: nobody need show anything
    origins      pages of other servers that may ask, as browsers name them: https://chat.example.org
    tasks        that the agent workflow knows (POST /v1/ask, the page's chat); none: there is no workflow
    trained      the model of the workflow learned from SynPT's rows, and mines as it was trained to
    feedback     the file that takes what users did with suggestions; None: nothing is kept
    """

    spec: ModelSpec
    assistant: ModelSpec | None = None
    method: Method = "proutt"
    n: int = 4
    instruction: Instruction = "structured"
    small_steps: bool | None = None
    tries: int = 1
    timeout_s: float | None = None
    min_score: float = 0.0
    answer_tokens: int = 1024
    seed: int = 0
    host: str = "127.0.0.1"
    port: int = 8765
    keys: tuple[str, ...] = ()
    origins: tuple[str, ...] = ()
    tasks: tuple[Task, ...] = ()
    trained: bool = False
    feedback: Path | None = None
    limits: Limits = Limits()

    @property
    def loopback(self) -> bool:
        """Whether nobody but this machine reaches it."""
        return self.host in LOOPBACK

    @property
    def asks_small(self) -> bool:
        """Whether intentions are mined by small questions."""
        return self.spec.embedded if self.small_steps is None else self.small_steps

    @property
    def timeout(self) -> float:
        """Seconds for one request's suggestions."""
        if self.timeout_s is not None:
            return self.timeout_s
        if self.spec.embedded:
            return EMBEDDED_TIMEOUT_S
        return SHORT_TIMEOUT_S if self.method in _SHORT else REASONING_TIMEOUT_S

    def setting(self, context_tokens: int, n: int) -> Setting:
        """What the method is told for a request of n suggestions: 2Q is n, or one more."""
        config = PredictConfig(
            method=self.method,
            q=(n + 1) // 2,
            instruction=self.instruction,
            small_steps=self.small_steps,
            tries=self.tries,
            model=self.spec.model,
            base_url=self.spec.base_url,
        )
        return config.setting(context_tokens)
