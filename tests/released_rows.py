"""Rows in the shapes of ProUtt's released files, made by hand: the field names and headings are theirs, no text is."""

from __future__ import annotations

from typing import Any

TREE = {"Travel": {"Destination": "Lyon", "Fare": ""}}
CONTEXT = [
    {"role": "user", "content": "How do I get from the airport to Lyon?"},
    {"role": "assistant", "content": "By tram:\n\n1. go to the station\n2. buy a ticket"},
    {"role": "user", "content": "How much is it?"},
    {"role": "assistant", "content": "17 euros."},
]
HISTORY = (
    "\n[Round 1]\nUser: How do I get from the airport to Lyon?\nAssistant: By tram:\n\n1. go to the station\n2. buy a "
    "ticket\n\n[Round 2]\nUser: How much is it?\nAssistant: 17 euros."
)
MINING = {
    "reasoning": "The fare is known, so times may follow: Travel -> Discount, Travel -> Duration.",
    "predictions": ["Is there a student discount?", "How long does it take?"],
}
EXPLORE = {
    "reasoning": "A bed may be next: Travel -> Hotel-Price.",
    "predictions": ["Where can I sleep cheaply?", "Where do locals eat?"],
}
REVISED = {
    "reasoning": "The user may arrive late: Travel -> LastDeparture.",
    "predictions": ["When is the last tram?", "Do trams run on Sundays?"],
}
WRONG = {"reasoning": "The user may have a dog.", "predictions": ["Are dogs allowed?", "Is there a lift?"]}
STATEMENT = {"category": "Statement", "reasoning": "The user may say what they decided."}
QUESTION = {"category": "Question", "reasoning": "The times are open, so a question is near."}
INSTRUCTION = {"category": "Instruction", "reasoning": "The user may ask for a booking."}


def raw_row(branch: str = "middle", **changes: Any) -> dict[str, Any]:
    """One sample of the raw files; the truth is of the mining view. `changes` replaces fields."""
    predicted = {"mining_view": MINING, "explore_view": EXPLORE}
    revised, perturbed = branch in {"middle", "low"}, branch in {"high", "middle"}
    row: dict[str, Any] = {
        "sample_id": 7,
        "item_id": 0,
        "context": CONTEXT,
        "label": "When does the last tram leave?",
        "negative_label": ["Incorrect Input 1: How much is it?"],
        "chat_history": HISTORY,
        "intent_tree": TREE,
        "utterance_category_reason": [STATEMENT, QUESTION, INSTRUCTION],
        "utterance_category_gt": {"reasoning": "It asks for a time.", "predicted_category": "Question"},
        "insight_reason": predicted,
        "evaluate_reason": [
            {"input": f"Predictive Input {number}: {said}", "reason": f"reason {number}", "similarity": number / 10}
            for number, said in enumerate([*MINING["predictions"], *EXPLORE["predictions"]], start=1)
        ],
        "top_sim": {"high": 0.9, "middle": 0.4, "low": 0.2}[branch],
        "gt_insight_path": {
            "insight_reasoning": "It stays with the tram.",
            "insight": "Mining",
            "path_reasoning": "A time is asked for.",
            "path": [
                {"source_node": "Travel", "target_node": "LastDeparture"},
                {"source_node": "Travel", "target_node": "Days - Sunday"},
            ],
        },
        "usage": {"prompt_tokens": 900, "completion_tokens": 100, "total_tokens": 1000},
        "chosen": _side(QUESTION, REVISED if revised else MINING),
        "rejected": _side(STATEMENT, WRONG if perturbed else MINING),
    }
    if revised:
        row["revised_insight_reason"] = {"thinking": "", "revised": REVISED["reasoning"]} | REVISED
    if perturbed:
        row["rejected"]["incorrect_path"] = [
            {"source_node": "Travel", "target_node": "Pets"},
            {"source_node": "Travel", "target_node": "Lift"},
        ]
    return row | changes


def _side(category: dict[str, str], mining: dict[str, Any]) -> dict[str, Any]:
    views = {"mining_view": mining, "explore_view": EXPLORE}
    return {"intent_tree": TREE, "utterance_category_reason": category, "insight_reason": views}


def processed_prompt(history: str = HISTORY) -> str:
    """A prompt with the history where the processed files have it: at the end, in a fence."""
    return f"Predict.\n\n--Input Information--\n[user-assistant conversation history]: \n```\n{history}\n```"


def processed_completion(category: dict[str, str] = QUESTION, mining: dict[str, Any] = REVISED) -> str:
    """A completion with the headings of the processed files; the tree is a Python dictionary there."""
    said = [*mining["predictions"], *EXPLORE["predictions"]]
    predictions = "".join(f"<predict>{each}</predict>\n" for each in said)
    return (
        f"<think>First, the tree.\n[User Intent Tree]: ```\n{TREE}\n```\n\nThen, the type.\n"
        f"[Analysis of the sentence category for the user's next input]: {category['reasoning']}\n"
        f"Therefore, the sentence category for the user's next input is most likely {category['category']}.\n\n"
        f"Finally, the views.\n[Mining View Analysis]: {mining['reasoning']}\n"
        f"[Exploration View Analysis]: {EXPLORE['reasoning']}\n</think>\n"
        f"The user’s next input is most likely: \n{predictions}"
    )


def processed_preference() -> dict[str, Any]:
    """One row of the processed preference files."""
    return {
        "conversations": [{"from": "human", "value": processed_prompt()}],
        "chosen": {"from": "gpt", "value": processed_completion()},
        "rejected": {"from": "gpt", "value": processed_completion(STATEMENT, WRONG)},
    }


def processed_sft() -> dict[str, Any]:
    """One row of the processed SFT files."""
    return {
        "messages": [
            {"role": "user", "content": processed_prompt()},
            {"role": "assistant", "content": processed_completion()},
        ]
    }
