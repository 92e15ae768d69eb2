"""Dialogues written for these tests, with the intent paths of each turn: clean pairs where no sample data lies."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TypeAlias

from proutt.intent import IntentPath
from proutt.intent.sentence_type import sentence_type_of
from quality.audit.seeded.composing import Situation

#: user, assistant, (topic, attribute, value)
Row: TypeAlias = tuple[str, str, tuple[str, str, str | None]]

_EN: tuple[tuple[Row, ...], ...] = (
    (
        (
            "My sourdough is flat and heavy.",
            "It may be short of time: let it rest overnight in a cool place.",
            ("Sourdough", "Texture", "heavy"),
        ),
        (
            "It already rests for nine hours at room temperature.",
            "Then the starter may be weak. Feed it twice a day.",
            ("Sourdough", "Resting time", "nine hours"),
        ),
        ("Which flour should the starter get?", "Rye wakes it up fastest.", ("Starter", "Flour", None)),
        (
            "Write down a feeding plan for five days.",
            "Day one: 20 g rye, 20 g water ...",
            ("Starter", "Feeding plan", "five days"),
        ),
    ),
    (
        (
            "Our choir needs a hall for 80 singers in March.",
            "The town hall seats 200 and the school hall 120.",
            ("Concert hall", "Capacity", "80 singers"),
        ),
        (
            "What does the school charge per evening?",
            "150 euros, cleaning included.",
            ("Concert hall", "School rent", None),
        ),
        (
            "Reserve the second Friday for us, please.",
            "I noted the second Friday of March.",
            ("Concert hall", "Date", "second Friday"),
        ),
        (
            "We also want to print posters with a heron on them.",
            "A heron suits the season. What size?",
            ("Posters", "Motif", "heron"),
        ),
    ),
    (
        (
            "Explain how a heat pump warms a house in winter.",
            "It moves warmth from outside air to the radiators with a compressor.",
            ("Heat pump", "Function", None),
        ),
        (
            "Does that still work at minus fifteen degrees?",
            "Yes, though it needs more electricity then.",
            ("Heat pump", "Cold weather", "minus fifteen degrees"),
        ),
        (
            "Our roof carries nineteen solar panels.",
            "They help most in spring and autumn.",
            ("Solar panels", "Number", "nineteen"),
        ),
        (
            "Would a battery in the cellar pay off within ten years?",
            "That depends on your tariff.",
            ("Battery", "Payback", "ten years"),
        ),
    ),
    (
        (
            "I inherited a violin with a cracked bridge.",
            "A bridge can be replaced by any luthier.",
            ("Violin", "Damage", "cracked bridge"),
        ),
        (
            "How do I recognise whether the instrument is valuable?",
            "Look for a label and the quality of the scroll.",
            ("Violin", "Value", None),
        ),
        (
            "The label inside says Mittenwald 1887.",
            "Mittenwald made many trade violins then.",
            ("Violin", "Label", "Mittenwald 1887"),
        ),
        (
            "Draft a polite letter to an appraiser in Munich.",
            "Dear Sir or Madam ...",
            ("Appraiser", "Letter", "Munich"),
        ),
    ),
    (
        (
            "Make a table of the moons of Jupiter by size.",
            "Ganymede, Callisto, Io, Europa ...",
            ("Jupiter", "Moons", None),
        ),
        ("Why is Io covered in volcanoes?", "Tides from Jupiter knead it.", ("Jupiter", "Volcanoes", "Io")),
        ("Add the year of discovery to every row.", "All four: 1610.", ("Jupiter", "Discovery", None)),
        (
            "I have to present this to ten-year-olds on Thursday.",
            "Then keep it to three pictures.",
            ("Presentation", "Audience", "ten-year-olds"),
        ),
    ),
    (
        (
            "The washing machine stops after the second rinse.",
            "Check the drain filter at the lower front.",
            ("Washing machine", "Fault", "second rinse"),
        ),
        (
            "I found a coin in there, but it halts all the same.",
            "Then the pump or its hose may be blocked.",
            ("Washing machine", "Filter", "coin"),
        ),
        (
            "Is it worth repairing after eleven years?",
            "A pump costs about 40 euros, so often yes.",
            ("Washing machine", "Age", "eleven years"),
        ),
        (
            "Look up a repair café near Freiburg for me.",
            "There is one every first Saturday.",
            ("Repair", "Place", "Freiburg"),
        ),
    ),
    (
        ("Turn my notes on bees into a quiz.", "Question 1: how many eyes has a bee?", ("Quiz", "Subject", "bees")),
        ("Harder, with four answers each.", "Question 1: which bee dances? a) ...", ("Quiz", "Answers", "four")),
        ("Do drones ever leave the hive in autumn?", "They are driven out before winter.", ("Bees", "Drones", None)),
        (
            "My class liked the waggle dance most of all.",
            "A drawing of it would go well with the quiz.",
            ("Bees", "Dance", "waggle dance"),
        ),
    ),
    (
        (
            "We are moving from Ghent to Porto with two cats.",
            "The cats need a chip, a passport and a rabies shot.",
            ("Move", "Route", "Ghent to Porto"),
        ),
        ("Is the train an option for them?", "Most operators allow carriers below 10 kg.", ("Cats", "Train", None)),
        (
            "Our older tomcat gets sick on every journey.",
            "Ask the vet about a mild sedative.",
            ("Cats", "Travel sickness", "tomcat"),
        ),
        ("Calculate the volume of fifty removal boxes.", "About four cubic metres.", ("Boxes", "Volume", "fifty")),
    ),
)
_ZH: tuple[tuple[Row, ...], ...] = (
    (
        ("我家的绿萝叶子发黄了。", "可能是浇水太多，也可能是缺光。", ("绿萝", "症状", "叶子发黄")),
        ("我一般三天浇一次水。", "可以改成一周一次，等土干了再浇。", ("绿萝", "浇水", "三天浇一次")),
        ("需要换一个大一点的花盆吗？", "如果根已经从盆底钻出来，就该换了。", ("花盆", "更换", None)),
        ("帮我写一张四季养护的时间表。", "春季：施薄肥，每周浇水一次……", ("养护", "时间表", "四季")),
    ),
    (
        ("下个月想去敦煌看壁画。", "莫高窟需要提前网上预约。", ("敦煌", "目的", "看壁画")),
        ("预约要提前多少天？", "旺季建议提前三十天。", ("预约", "提前天数", None)),
        ("我们打算从兰州坐夜车过去。", "夜车大约十二个小时，早上到。", ("交通", "夜车", "兰州")),
        ("安排一下鸣沙山骑骆驼的下午行程。", "下午四点进景区，先骑骆驼再看日落。", ("鸣沙山", "骑骆驼", "下午")),
    ),
    (
        (
            "把这段会议纪要压缩成三句话。",
            "第一，预算通过；第二，延期两周；第三，换供应商。",
            ("会议纪要", "长度", "三句话"),
        ),
        ("语气再正式一些。", "经会议审议，预算方案获得通过……", ("会议纪要", "语气", "正式")),
        ("新供应商的合同是谁负责起草？", "纪要里写的是法务部。", ("合同", "起草人", None)),
        ("老板要求星期三之前拿到英文版。", "那可以今天先译出初稿。", ("英文版", "期限", "星期三")),
    ),
    (
        ("孩子八岁，想学游泳。", "八岁学蛙泳正合适，十节课左右能学会。", ("游泳", "年龄", "八岁")),
        ("室内馆和室外馆哪个更好？", "冬天选恒温的室内馆。", ("游泳馆", "类型", None)),
        ("他对氯气味道有点过敏。", "可以找用臭氧消毒的泳池。", ("孩子", "过敏", "氯气味道")),
        ("替我列出泳镜泳帽之类要买的东西。", "泳镜、泳帽、耳塞、浮板。", ("装备", "清单", None)),
    ),
    (
        ("红烧肉怎样才能不腻？", "先焯水再煸出油，最后加一点山楂。", ("红烧肉", "口感", "不腻")),
        ("家里没有山楂，只有陈皮。", "陈皮也能解腻，放一小片就够。", ("红烧肉", "配料", "陈皮")),
        ("用高压锅要压几分钟？", "上汽后十五分钟。", ("高压锅", "时间", None)),
        ("再推荐两道适合下酒的凉菜。", "拍黄瓜和酱牛肉都不错。", ("凉菜", "用途", "下酒")),
    ),
    (
        ("我的笔记本电脑开机很慢。", "可以先关掉不需要的启动项。", ("笔记本电脑", "故障", "开机很慢")),
        ("启动项在哪里关？", "在任务管理器的“启动”一栏。", ("启动项", "位置", None)),
        ("关了七个，可还是要两分钟。", "那多半是机械硬盘的问题，换固态会快很多。", ("启动项", "数量", "七个")),
        ("挑一块五百块以内的固态硬盘给我。", "这个价位可以买到一TB的。", ("固态硬盘", "预算", "五百块")),
    ),
    (
        ("给社区读书会选一本短篇小说集。", "可以选《城南旧事》，篇幅不长。", ("读书会", "书目", "短篇小说集")),
        ("参加的多半是退休老师。", "那可以讨论书里的教育场景。", ("读书会", "成员", "退休老师")),
        ("讨论会放在周几比较好？", "退休的人周二上午通常有空。", ("讨论会", "日期", None)),
        ("设计一张带银杏叶的邀请卡。", "卡片正面可以用金黄色的银杏叶。", ("邀请卡", "图案", "银杏叶")),
    ),
    (
        ("阳台漏水，楼下的天花板都湿了。", "先确认是防水层还是下水管的问题。", ("阳台", "问题", "漏水")),
        ("怎么判断是不是防水层坏了？", "堵住地漏，放水泡二十四小时看看。", ("防水层", "检查", None)),
        ("泡了一夜，楼下又滴水了。", "那基本可以确定是防水层。", ("防水层", "结果", "滴水")),
        ("起草一封给物业的报修信。", "尊敬的物业：我家阳台……", ("物业", "报修信", None)),
    ),
)


def own_situations() -> Iterator[Situation]:
    """Every K of every dialogue above: 24 English and 24 Chinese situations."""
    for language, dialogues in (("en", _EN), ("zh", _ZH)):
        for number, rows in enumerate(dialogues):
            for k in range(1, len(rows)):
                yield _situation(f"own-{language}-{number}", language, rows, k)


def _situation(dialogue_id: str, language: str, rows: tuple[Row, ...], k: int) -> Situation:
    tree: dict[str, dict[str, tuple[str | None, int]]] = {}
    for turn, (_, _, (topic, attribute, value)) in enumerate(rows[:k], start=1):
        tree.setdefault(topic, {})[attribute] = (value, turn)
    truth, _, path = rows[k]
    return Situation(
        dialogue_id=dialogue_id,
        language=language,
        turns=[(user, said) for user, said, _ in rows[:k]],
        tree=tree,
        truth=truth,
        truth_type=sentence_type_of(truth),
        truth_path=IntentPath(*path),
        later_paths=[(turn, IntentPath(*rows[turn - 1][2])) for turn in range(k + 2, len(rows) + 1)],
    )
