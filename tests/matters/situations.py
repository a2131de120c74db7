"""Two questions of 情形 and the materials that depend on them, to give to any guide."""

import copy
from typing import Any


def text(words: str) -> dict[str, str]:
    return {"zh-hans": words}


SITUATIONS: list[dict[str, Any]] = [
    {
        "key": "premises",
        "question": text("场所是自有还是租赁？"),
        "help": text("以合同为准。"),
        "options": [
            {"value": "owned", "label": text("自有")},
            {"value": "leased", "label": text("租赁")},
            {"value": "lent", "label": text("无偿借用")},
        ],
    },
    {
        "key": "agent",
        "question": text("由谁办理？"),
        "options": [
            {"value": "self", "label": text("本人")},
            {"value": "agent", "label": text("委托代办")},
        ],
    },
]


MODEL: dict[str, Any] = {
    "type": "3", "necessity": "1", "format": "2", "source_type": "10", "source": text("自备"),
    "copies": {"original": 1, "copy": 0}, "collect": ["2"], "standard": text("清晰完整。"),
    "basis": text("《示例条例》第三条"),
}  # fmt: skip


def with_situations(document: dict[str, Any]) -> dict[str, Any]:
    """A copy with the questions and three more files: two for some answers, one for two answers at once."""
    changed = copy.deepcopy(document)
    changed["situations"] = copy.deepcopy(SITUATIONS)
    changed["materials"] += [
        {**MODEL, "key": "lease", "name": text("租赁合同"), "when": {"premises": ["leased"]}},
        {**MODEL, "key": "consent", "name": text("使用同意书"), "when": {"premises": ["leased", "lent"]}},
        {
            **MODEL, "key": "letter", "name": text("授权委托书"),
            "when": {"premises": ["leased"], "agent": ["agent"]},
        },
    ]  # fmt: skip
    return changed
