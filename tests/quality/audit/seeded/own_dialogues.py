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
    (
        (
            "Our village library wants to lend out seeds, so that people can grow old vegetable sor"
            "ts and bring back some "
            "of the harvest. How would you set such a thing up?",
            "Begin with a chest of small drawers, one for each family of plants: beans, tomatoes, l"
            "ettuces, pumpkins and "
            "herbs. Every packet gets a label with sort, year and giver. Readers take three packets"
            " at most, write their "
            "name on a card, and promise to return twice as many seeds in autumn. Beans, peas, toma"
            "toes and lettuces are "
            "easy, because they pollinate themselves; pumpkins and maize cross with whatever grows nearby, so ask "
            "beginners to leave those alone. Dry the seeds for a fortnight, keep them cool and dark in paper, never in "
            "plastic, and test a dozen of each sort on damp cloth every spring before you lend them out again.",
            ("Seed library", "Setting up", None),
        ),
        (
            "The mayor offered us two hundred euros and an empty cupboard beside the photocopier, w"
            "hich stands right next "
            "to a radiator that runs all winter long.",
            "Then ask for another corner: warmth is what ruins seeds first. Eight degrees more halv"
            "e the years that they "
            "last. An unheated corridor or the cellar stairs would do, as long as mice cannot get i"
            "n. Of the money, sixty "
            "euros buy paper bags and a stamp, forty a tin box with a lid, and the rest pays for a first stock from a "
            "society that keeps old sorts. Many gardeners will give you a handful for nothing once they hear of it, so "
            "put up a notice at the market and the garden centre before you order anything at all.",
            ("Seed library", "Budget", "two hundred euros"),
        ),
        (
            "Compose a cheerful notice for the weekly market that explains the exchange and invites"
            " gardeners to donate "
            "leftover packets before Easter.",
            "Old beans wanted! Our library lends out more than novels from this spring on ...",
            ("Notice", "Purpose", "donate leftover packets"),
        ),
        (
            "Which tomato varieties ripen reliably on a windy hillside at seven hundred metres, whe"
            "re frost may return as "
            "late as the middle of May?",
            "Look for early and small-fruited sorts.",
            ("Tomatoes", "Altitude", "seven hundred metres"),
        ),
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
    (
        (
            "我们小区想办一个旧书交换角，让大家把看完的书拿来换别人的书。这件事应该从哪里做起？",
            "先找一个干燥、有人经过的地方，比如门厅或者活动室的一面墙。书架不用大，能放两百本就够，"
            "按小说、童书、工具书和杂志分四格。"
            "每本书贴一张小卡片，写上放书人的楼号和日期，拿走的人在登记本上签名。规则越简单越好："
            "放一本，拿一本；教材和破损的书不收。"
            "最好请两位退休的邻居轮流整理，每个月清理一次没人要的书，送到回收站或者乡村学校。"
            "开张那天可以办一个小小的茶话会，"
            "让大家各自介绍一本喜欢的书，这样第一批书很快就齐了。",
            ("旧书交换角", "筹备", None),
        ),
        (
            "物业同意借给我们地下车库旁边的储藏间，但是那里夏天很潮，墙角去年还长过霉。",
            "那就不太合适了，纸张最怕潮气。如果只能用那间屋子，先请物业检查墙体有没有渗水，"
            "再刷一层防霉涂料，书架离墙至少十厘米，"
            "底层空着不放书。夏天要开除湿机，湿度保持在百分之五十五以下，每周通风两次。"
            "也可以换个思路：把书架放在一楼门厅，"
            "用带玻璃门的柜子，既能看到书名，又不容易落灰。门厅来往的人多，交换的次数也会多得多。",
            ("储藏间", "缺点", "夏天很潮"),
        ),
        (
            "写一张贴在电梯里的告示，语气轻松一点，请邻居们周末把闲置的童书和侦探小说带到门厅来。",
            "亲爱的邻居：您家的福尔摩斯是不是已经破完案了？……",
            ("告示", "征集", "童书和侦探小说"),
        ),
        (
            "如果有人总是只拿书从来不放书，志愿者怎样提醒他才不会伤和气？",
            "可以先在登记本上写一句温和的话。",
            ("志愿者", "提醒", "只拿书从来不放书"),
        ),
    ),
)


def own_situations() -> Iterator[Situation]:
    """Every K of every dialogue above: 27 English and 27 Chinese situations."""
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
