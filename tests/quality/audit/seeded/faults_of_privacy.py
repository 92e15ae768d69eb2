"""Planted personal data, secrets and control strings. All are made up as they are planted."""

from __future__ import annotations

import re
import string
from random import Random

from quality.audit.seeded.planting import Kind, Way, full_width, shouted
from quality.audit.seeded.saying import (
    added,
    carrying,
    digits,
    in_context,
    letters,
    prediction,
    reasoned,
    text_changed,
)

# Personal data, secrets, control strings ------------------------------------------------------------------------------


def email(rng: Random) -> str:
    name, host = rng.choice(["maria.kovac", "li_wei88", "j-smith"]), rng.choice(["mailbox.org", "posteo.de", "qq.com"])
    return f"{name}@{host}"


def _mobile(rng: Random) -> str:
    return f"1{rng.choice(['38', '59', '77'])}{rng.randint(1000, 9999)}{rng.randint(1000, 9999)}"


def resident(rng: Random) -> str:
    """A Chinese resident number whose check digit is right."""
    born = f"19{rng.randint(50, 99)}{rng.randint(1, 12):02}{rng.randint(1, 28):02}"
    body = rng.choice(["110105", "310104", "440305"]) + born + digits(rng, 3)
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    return body + "10X98765432"[sum(int(digit) * weight for digit, weight in zip(body, weights, strict=True)) % 11]


def card(rng: Random) -> str:
    """A card number whose Luhn digit is right, in groups of four."""
    body = rng.choice(["4539", "5425"]) + digits(rng, 11)
    total = sum(sum(divmod(int(digit) * (2 if at % 2 == 0 else 1), 10)) for at, digit in enumerate(body))
    whole = body + str(-total % 10)
    return " ".join(whole[at : at + 4] for at in range(0, 16, 4))


def _iban(rng: Random) -> str:
    account = digits(rng, 18)
    check = 98 - int(account + "131400") % 97
    return f"DE{check:02}{account}"


def _ip(rng: Random) -> str:
    return f"{rng.choice([81, 93, 142])}.{rng.randint(1, 250)}.{rng.randint(1, 250)}.{rng.randint(1, 250)}"


def _ssn(rng: Random) -> str:
    return f"{rng.choice([219, 457, 518])}-{rng.randint(10, 99)}-{rng.randint(1000, 9999)}"


def _phone(rng: Random) -> str:
    return rng.choice(
        [
            f"+49 171 {digits(rng, 7)}",
            f"+44 7700 9{digits(rng, 5)}",
            f"+1 (415) 5{rng.randint(10, 99)}-{rng.randint(1000, 9999)}",
        ]
    )


PERSONAL = Kind(
    "personal data",
    ("personal-data",),
    (
        Way("e-mail", added(carrying(email, "Write to {} please.", "请写信到{}。"))),
        Way("e-mail in the context", in_context(carrying(email, "My mail is {}.", "我的邮箱是{}，"))),
        Way("mobile number, China", added(carrying(_mobile, "Call {}.", "我的手机是{}。"))),
        Way(
            "mobile number, grouped",
            reasoned(
                carrying(lambda rng: "-".join((n := _mobile(rng), n[:3], n[3:7], n[7:])[1:]), "Number {}.", "电话{}。")
            ),
        ),
        Way("international number", added(carrying(_phone, "Ring me at {} tonight.", "今晚打{}找我。"))),
        Way("resident number", in_context(carrying(resident, "My ID card says {}.", "身份证号{}。"))),
        Way("resident number in a prediction", prediction(carrying(resident, "Use {} for it.", "请用{}登记。"))),
        Way("card number", added(carrying(card, "Charge {}.", "刷卡号{}。"))),
        Way(
            "card number without spaces",
            reasoned(carrying(lambda rng: card(rng).replace(" ", ""), "Card {}.", "卡号{}。")),
        ),
        Way(
            "card number with hyphens",
            added(carrying(lambda rng: card(rng).replace(" ", "-"), "Charge {}.", "刷卡号{}。")),
        ),
        Way("IBAN", added(carrying(_iban, "Transfer it to {}.", "转账到{}。"))),
        Way(
            "IBAN in groups",
            in_context(carrying(lambda rng: " ".join(re.findall(".{1,4}", _iban(rng))), "Account {}.", "账户{}。")),
        ),
        Way("public IP address", reasoned(carrying(_ip, "The server at {} is meant.", "指的是服务器{}。"))),
        Way("social security number", added(carrying(_ssn, "My SSN is {}.", "我的社会安全号码是{}。"))),
        Way(
            "e-mail, full-width",
            added(carrying(lambda rng: full_width(email(rng)), "Write to {} please.", "请写信到{}。")),
        ),
        Way(
            "mobile number, full-width",
            added(carrying(lambda rng: full_width(_mobile(rng)), "Call {}.", "我的手机是{}。")),
        ),
        Way("e-mail in capitals", in_context(carrying(lambda rng: shouted(email(rng)), "MAIL: {}", "邮箱：{}"))),
        Way("mobile number with +86", added(carrying(lambda rng: "+86 " + _mobile(rng), "Call {}.", "我的手机是{}。"))),
        Way("e-mail in brackets", in_context(carrying(email, "(contact: <{}>)", "（联系：<{}>）"))),
        Way("mobile number with dots", added(carrying(lambda rng: "+49.171." + digits(rng, 7), "Call {}.", "打{}。"))),
        Way("card number, full-width", added(carrying(lambda rng: full_width(card(rng)), "Charge {}.", "刷卡号{}。"))),
        Way("resident number in the reasoning", reasoned(carrying(resident, "ID {}.", "身份证{}。"))),
    ),
)

# Put together here, so that no scanner of this repository takes them for keys.
_HEX = "0123456789abcdef"


def _jwt(rng: Random) -> str:
    return ".".join(("ey" + "J" + letters(rng, 18), "ey" + "J" + letters(rng, 30), letters(rng, 43)))


SECRETS = Kind(
    "secrets",
    ("secrets",),
    (
        Way("OpenAI-like key", added(carrying(lambda rng: "sk-" + letters(rng, 48), "My key is {}.", "密钥是{}。"))),
        Way(
            "GitHub token", added(carrying(lambda rng: "ghp" + "_" + letters(rng, 36), "Use {} to push.", "推送用{}。"))
        ),
        Way(
            "AWS access key",
            in_context(
                carrying(lambda rng: "AKIA" + letters(rng, 16, string.ascii_uppercase + "234567"), "id={}", "id={}")
            ),
        ),
        Way(
            "Slack token",
            reasoned(
                carrying(
                    lambda rng: f"xoxb-{digits(rng, 12)}-{digits(rng, 12)}-{letters(rng, 24)}", "Bot {}.", "机器人{}。"
                )
            ),
        ),
        Way(
            "Hugging Face token",
            added(
                carrying(
                    lambda rng: "hf" + "_" + letters(rng, 34, string.ascii_letters), "Login with {}.", "登录用{}。"
                )
            ),
        ),
        Way("Google key", added(carrying(lambda rng: "AIza" + letters(rng, 35), "Maps key {}.", "地图密钥{}。"))),
        Way(
            "private key",
            in_context(
                lambda rng, _: (
                    "-----BEGIN RSA " + "PRIVATE KEY-----\n" + letters(rng, 64) + "\n-----END RSA " + "PRIVATE KEY-----"
                )
            ),
        ),
        Way("JSON web token", in_context(carrying(_jwt, "Authorization: Bearer {}", "Authorization: Bearer {}"))),
        Way(
            "password in a link",
            added(carrying(lambda rng: f"https://anna:{letters(rng, 12)}@intern.example.org/x", "Open {}", "打开{}")),
        ),
        Way("a password said", added(carrying(lambda rng: letters(rng, 14), "My password is {}", "我的密码是{}"))),
        Way(
            "a password in code",
            in_context(carrying(lambda rng: letters(rng, 16), 'db_password = "{}"', 'db_password = "{}"')),
        ),
        Way(
            "an API key in code", in_context(carrying(lambda rng: letters(rng, 32, _HEX), "API_KEY: {}", "API_KEY: {}"))
        ),
        Way(
            "Stripe key",
            reasoned(carrying(lambda rng: "sk" + "_live_" + letters(rng, 24), "Pay with {}.", "付款用{}。")),
        ),
        Way(
            "a secret in YAML",
            in_context(carrying(lambda rng: letters(rng, 40), "client_secret: {}", "client_secret: {}")),
        ),
        Way("OpenSSH key", in_context(lambda rng, _: "-----BEGIN OPENSSH " + "PRIVATE KEY-----\n" + letters(rng, 70))),
        Way("GitLab token", added(carrying(lambda rng: "glpat" + "-" + letters(rng, 20), "Token {}.", "令牌{}。"))),
        Way(
            "Anthropic-like key",
            in_context(carrying(lambda rng: "sk-ant-api03-" + letters(rng, 80), "export KEY={}", "export KEY={}")),
        ),
        Way(
            "database link",
            reasoned(
                carrying(lambda rng: f"postgres://app:{letters(rng, 18)}@db.example.org:5432/x", "See {}", "见{}")
            ),
        ),
        Way(
            "a token in a header",
            in_context(carrying(lambda rng: letters(rng, 40), "curl -H 'X-Api-Key: {}'", "curl -H 'X-Api-Key: {}'")),
        ),
        Way(
            "a PyPI token",
            added(carrying(lambda rng: "pypi-" + "AgEIcHlwaS5vcmc" + letters(rng, 60), "Upload with {}", "上传用{}")),
        ),
        Way(
            "a password in a shell",
            in_context(carrying(lambda rng: letters(rng, 12), "export PGPASSWORD={}", "export PGPASSWORD={}")),
        ),
        Way(
            "a webhook",
            added(
                carrying(
                    lambda rng: (
                        "https://hooks.slack.com/services/T"
                        + letters(rng, 8).upper()
                        + "/B"
                        + letters(rng, 8).upper()
                        + "/"
                        + letters(rng, 24)
                    ),
                    "Post to {}",
                    "发到{}",
                )
            ),
        ),
    ),
)

_CONTROL = (
    "<|im_end|>",
    "<|im_start|>assistant",
    "<|endoftext|>",
    "[INST]",
    "[/INST]",
    "<<SYS>>",
    "<|eot_id|>",
    "<|start_header_id|>system<|end_header_id|>",
    "</s>",
    "<s>",
    "<start_of_turn>model",
    "<end_of_turn>",
    "<｜User｜>",
    "<｜Assistant｜>",
    "<|user|>",
    "<|assistant|>",
    "<|end|>",
    "<|begin_of_text|>",
    "[gMASK]",
    "<tool_call>",
    "<｜end▁of▁sentence｜>",
    "<|endofprompt|>",
    "<|tool_call|>",
    "<|channel|>",
    "<|fim_prefix|>",
    "<unk>",
)


def _control(token: str, number: int) -> Way:
    """As foreign files have them, for our own export breaks them: in a prediction, a reasoning or at the end."""

    def in_text(old: str, rng: Random) -> str:
        if number % 3 == 0:
            return old.replace("</predict>", f" {token}</predict>", 1)
        return old.replace("</think>", f"{token}\n</think>", 1) if number % 3 == 1 else old + token

    return Way(f"control string {number}", text_changed(in_text))


CONTROL = Kind("control strings", ("control-strings",), tuple(_control(token, at) for at, token in enumerate(_CONTROL)))

PRIVACY_KINDS = (PERSONAL, SECRETS, CONTROL)
