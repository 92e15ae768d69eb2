"""Stages that train and make trained models answer. By the functions that `proutt train` calls."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from proutt.experiments.sections import Align, Train
from proutt.experiments.stage import Place
from proutt.llm.fetch import sha256_of
from proutt.llm.weights import FileWeights, is_embedded, weights_of
from proutt.training.settings import TrainSettings, stage_of
from proutt.training.watching import write_whole

MODEL, FOLDER = "model.gguf", "model.json"


def weights_digest(name: str) -> str:
    """Says which weights a name means: of a folder or a file, a digest; else the name itself."""
    from proutt.training.bases import folder_digest

    if is_embedded(name):
        weights = weights_of(name)
        return sha256_of(weights.path) if isinstance(weights, FileWeights) and weights.path.is_file() else name
    folder = Path(name).expanduser()
    return folder_digest(folder) if (folder / "config.json").is_file() else name


@dataclass(frozen=True)
class Training:
    """One stage of `proutt train`: needs an export, and for an alignment the training that it starts from."""

    base: str
    said: Train

    @property
    def version(self) -> str:
        return "1"

    results = ("adapter/adapter_model.safetensors", "adapter/adapter_config.json")

    @property
    def method(self) -> str:
        return self.said.method if isinstance(self.said, Align) else "sft"

    def settings(self) -> Mapping[str, Any]:
        decided = self.train_settings().as_json()
        return decided | {"base": Path(self.base).name, "weights": weights_digest(self.base)}

    def train_settings(self) -> TrainSettings:
        said = self.said
        stage = stage_of(
            self.method,
            epochs=said.epochs,
            learning_rate=said.learning_rate,
            beta=said.beta if isinstance(said, Align) else None,
            max_steps=said.max_steps,
        )
        names = ("max_length", "batch", "accumulation", "lora_rank", "lora_alpha", "lora_dropout")
        more: dict[str, Any] = {name: getattr(said, name) for name in names if getattr(said, name) is not None}
        where: dict[str, Any] = {
            "device": said.device,
            "precision": said.precision,
            "seed": said.seed,
            "too_long": said.too_long,
        }
        return TrainSettings(self.base, (stage,), **where, **more)

    def starting_from(self, folder: Path) -> TrainSettings:
        """The settings of a training from the adapter of an earlier one, which keeps its shape."""
        from proutt.training.starting import start_from

        start = start_from(folder)
        shape: dict[str, Any] = {"lora_rank": start.rank, "lora_alpha": start.alpha, "lora_dropout": start.dropout}
        return replace(self.train_settings(), start=str(start.folder), **shape)

    def do(self, place: Place) -> Mapping[str, Any]:
        from proutt.training.run import train

        settings = self.train_settings() if len(place.needs) < 2 else self.starting_from(place.needs[1])
        record = train(settings, str(place.needs[0]), place.folder, place.observer).record or {}
        return {"results": record["results"], "base": record["base"]["identity"], "versions": record["versions"]}


@dataclass(frozen=True)
class Serving:
    """A trained model, or a base as it is, in the form in which it is asked."""

    base: str
    form: str

    version = "1"

    @property
    def results(self) -> tuple[str, ...]:
        return (FOLDER,) if self.form == "merged" else (MODEL,)

    def settings(self) -> Mapping[str, Any]:
        return {"form": self.form, "base": Path(self.base).name, "weights": weights_digest(self.base)}

    def do(self, place: Place) -> Mapping[str, Any]:
        from proutt.training.bases import base_named
        from proutt.training.gguf_files import write_model
        from proutt.training.library import quieten, require
        from proutt.training.merging import merge

        require()
        quieten(offline=True)
        if place.needs:
            folder = merge(place.needs[0])
        else:
            with place.observer.fetching() as progress:
                folder = base_named(self.base, progress).folder
        if self.form == "merged":
            write_whole(place.folder / FOLDER, json.dumps({"folder": str(folder.resolve()), "name": place.name}) + "\n")
            return {"folder": str(folder)}
        write_model(folder, place.folder / MODEL, "f16" if self.form == "f16" else "q8_0", name=place.name)
        return {"bytes": (place.folder / MODEL).stat().st_size}
