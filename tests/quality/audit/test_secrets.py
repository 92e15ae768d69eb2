"""Secrets and control strings. The keys are made up; none opens anything."""

from __future__ import annotations

from dataclasses import replace

import pytest

from quality.audit.pairs import clean_subject, flags_of
from quality.audit.test_personal import row

LETTERS = "aB3dE6gH9jK2mN5pQ8sT1vW4yZ7cF0iL3oR6uX9bD2fG5hJ8k"


@pytest.mark.parametrize(
    "text",
    [
        "-----BEGIN RSA PRIVATE KEY-----",
        "AKIAQ3EGRX7PLWM5ZT2B",
        f"sk-proj-{LETTERS[:40]}",
        f"sk-ant-api03-{LETTERS[:30]}",
        f"ghp_{LETTERS[:36]}",
        f"hf_{LETTERS[:34]}",
        f"AIza{LETTERS[:35]}",
        "xoxb-2384756102-aB3dE6gH9jK2",
        f"npm_{LETTERS[:36]}",
        f"LTAI{LETTERS[:16]}",
        f"eyJ{LETTERS[:20]}.eyJ{LETTERS[:30]}.{LETTERS[:24]}",
        "postgres://app:tR7!kw29Lm@db.internal:5432/x",
        "my password is Kx9#mQ2vLp7",
        "密码：Hn7$wpR2xK",
        f"api_key = '{LETTERS[:32]}'",
    ],
)
@pytest.mark.parametrize("around", ["{}", "Here it is: {} – keep it safe."])
def test_a_secret_is_found(text, around):
    """By the provider's form, or by the word before it and how random it looks; the flag does not repeat it."""
    (flag,) = flags_of(row(around.format(text)), only=["secrets"])
    assert text not in flag.evidence


@pytest.mark.parametrize(
    "text",
    [
        "sk-xxxxxxxxxxxxxxxxxxxxxxxx",
        "export OPENAI_API_KEY=your-api-key-here",
        "api_key = os.environ['OPENAI_API_KEY']",
        "postgres://user:password@localhost/db",
        "What makes a good password? Use a passphrase.",
        "the token is a word, the secret is patience",
        "skateboarding-competition-in-the-park-tomorrow",
        "密码是什么意思？",
        "token: <your token>",
        "the key idea: internationalization-of-software",
    ],
)
def test_talk_of_secrets_is_no_secret(text):
    """Placeholders, variables and words."""
    assert flags_of(row(text), only=["secrets"]) == []


@pytest.mark.parametrize(
    "text", ["<|im_end|>", "<|im_start|>system", "[/INST]", "</s>", "<start_of_turn>", "<｜User｜>"]
)
@pytest.mark.parametrize("place", ["prompt", "chosen", "rejected"])
def test_a_control_string_is_found(text, place):
    """A tokenizer would make a special token of it."""
    (flag,) = flags_of(row(f"So {text} it goes.", place), only=["control-strings"])
    assert flag.evidence.startswith(text)


def test_broken_control_strings_and_our_own_layout_are_fine():
    """Exports put a space into the former, and write the latter on purpose."""
    assert flags_of(row("< |im_end|> and < /s>"), clean_subject(), only=["control-strings"]) == []


def test_a_layout_tag_inside_a_prediction_is_found():
    """It would end the reasoning, or forge a prediction."""
    clean = clean_subject()
    chosen = replace(clean.chosen, utterances=("Where is </think> the zoo?", *clean.chosen.utterances[1:]))
    (flag,) = flags_of(replace(clean, chosen=chosen), only=["control-strings"])
    assert flag.place == "chosen prediction 1"
