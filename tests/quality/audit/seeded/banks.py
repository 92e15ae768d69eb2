"""Words to compose predictions from: for each path a reason, and one utterance of every sentence type.

Said of a topic `{t}` that a dialogue knows (exploitation), or of one that it does not know (exploration).
"""

from __future__ import annotations

from dataclasses import dataclass

from proutt.intent import SentenceType


@dataclass(frozen=True, slots=True)
class Entry:
    """One path with its words; `topic` None: of whatever topic the tree knows."""

    topic: str | None
    attribute: str
    reasoning: str
    declarative: str
    imperative: str
    interrogative: str

    def said(self, kind: SentenceType, topic: str) -> str:
        return str(getattr(self, kind.value)).replace("{t}", topic)

    def reason(self, topic: str) -> str:
        return self.reasoning.replace("{t}", topic)


_EN_KNOWN = (
    (
        "Cost",
        "Nothing was agreed about money for {t} so far.",
        "I can only spend a little on {t}.",
        "Compare three cheap choices for {t}.",
        "How expensive does {t} get?",
    ),
    (
        "Time needed",
        "A schedule usually follows once {t} is on the table.",
        "I have just one afternoon for {t}.",
        "Put {t} into a one-week schedule.",
        "How long does {t} usually take?",
    ),
    (
        "Risks",
        "Careful people weigh what may fail with {t}.",
        "I am worried that {t} might fail.",
        "List the biggest dangers of {t}.",
        "What can go wrong with {t}?",
    ),
    (
        "Beginner level",
        "The wording so far suggests little experience with {t}.",
        "I am completely new to {t}.",
        "Rewrite the part about {t} for beginners.",
        "Is {t} hard to learn?",
    ),
    (
        "Tools",
        "Doing it in practice calls for equipment around {t}.",
        "I already own the right tools for {t}.",
        "Recommend a good tool for {t}.",
        "Which tools suit {t} best?",
    ),
    (
        "Origin",
        "Background often interests those who dig into {t}.",
        "My grandfather used to talk about {t}.",
        "Draw a timeline of {t}.",
        "Where does {t} originally come from?",
    ),
    (
        "Mistakes",
        "After an overview of {t}, pitfalls come into view.",
        "I keep making the same mistake with {t}.",
        "Show me two typical mistakes with {t}.",
        "Which mistakes do people make with {t}?",
    ),
    (
        "Alternatives",
        "Other options than {t} have not been weighed.",
        "I would rather avoid {t} altogether.",
        "Suggest an alternative to {t}.",
        "Are there any alternatives to {t}?",
    ),
    (
        "Practice",
        "Theory about {t} is there, exercise is missing.",
        "I practise {t} every morning.",
        "Give me a small exercise about {t}.",
        "How can I practise {t} at home?",
    ),
    (
        "Sources",
        "Whoever wants depth on {t} goes on reading.",
        "I have two thick books about {t}.",
        "Find a short article about {t}.",
        "Where can I read more about {t}?",
    ),
)
_EN_NEW = (
    (
        "Gardening",
        "Balcony",
        "Spare time may turn to plants.",
        "My balcony gets sun until noon.",
        "Pick four herbs for a shady balcony.",
        "Which flowers survive a windy balcony?",
    ),
    (
        "Astronomy",
        "Telescope",
        "Curious minds also look upwards.",
        "I bought a used telescope last winter.",
        "Draw a map of the summer sky.",
        "Can you see Saturn with binoculars?",
    ),
    (
        "Cooking",
        "Dinner",
        "Everybody gets hungry at some point.",
        "We are six people for dinner tonight.",
        "Plan a vegetarian dinner for six.",
        "What goes well with roasted pumpkin?",
    ),
    (
        "Cycling",
        "Repair",
        "A different hobby could come up.",
        "My rear brake squeaks in the rain.",
        "Write a checklist for bike maintenance.",
        "How often should a chain be oiled?",
    ),
    (
        "Music",
        "Piano",
        "Music is a frequent second interest.",
        "I play the piano on Sundays.",
        "Choose an easy piece for piano.",
        "Who composed the Moonlight Sonata?",
    ),
    (
        "Weather",
        "Weekend forecast",
        "Weekend plans depend on the sky.",
        "I hope it stays dry on Saturday.",
        "Make a packing list for a rainy hike.",
        "Will it snow in the mountains this weekend?",
    ),
    (
        "Pets",
        "Cat",
        "An animal at home brings its own questions.",
        "Our cat hides whenever guests arrive.",
        "Name three toys that suit an old cat.",
        "Why do cats purr at night?",
    ),
    (
        "Photography",
        "Portraits",
        "Pictures are a common change of subject.",
        "My portraits always look too dark.",
        "Sort these lenses by their weight.",
        "What aperture works for portraits?",
    ),
    (
        "Chess",
        "Openings",
        "A game could lighten the mood.",
        "I lost four games of chess in a row.",
        "Set up a chess puzzle for tonight.",
        "Does the Sicilian suit slow players?",
    ),
    (
        "Sleep",
        "Habits",
        "Well-being tends to appear late in a talk.",
        "I wake up at five every day.",
        "Design an evening routine without screens.",
        "Do naps ruin the night's sleep?",
    ),
    (
        "Sailing",
        "Knots",
        "Holiday memories may surface.",
        "We rented a small boat in Croatia.",
        "Demonstrate a bowline step by step.",
        "How deep is the Adriatic?",
    ),
    (
        "Pottery",
        "Glaze",
        "Crafts attract people who make things.",
        "My first bowl cracked in the kiln.",
        "Mix a blue glaze for a tea bowl.",
        "At what temperature does clay melt?",
    ),
)
_ZH_KNOWN = (
    (
        "花费",
        "关于{t}的开销还没有谈到。",
        "我在{t}上不想花太多钱。",
        "帮我比较三种便宜的{t}方案。",
        "{t}大概要花多少钱？",
    ),
    ("时长", "说到{t}，接下来往往要排时间。", "我只有半天时间留给{t}。", "把{t}排进下周的日程。", "{t}一般需要多久？"),
    ("风险", "谨慎的人会考虑{t}可能出的问题。", "我担心{t}会出岔子。", "列出{t}的主要风险。", "{t}容易出什么问题？"),
    ("新手", "从语气看，用户对{t}经验不多。", "我是第一次接触{t}。", "给新手写一份{t}指南。", "{t}难不难上手？"),
    (
        "拥挤程度",
        "人多人少会影响对{t}的兴趣。",
        "我不喜欢{t}那种人挤人的感觉。",
        "帮我挑一个{t}人少的日子。",
        "{t}周末人多吗？",
    ),
    (
        "历史",
        "了解得深一点就会碰到{t}的来历。",
        "我爷爷以前常提起{t}。",
        "画一张{t}的年代表。",
        "{t}是什么时候出现的？",
    ),
    (
        "禁忌",
        "有了大概印象之后，会留意{t}的讲究。",
        "我上次在{t}上吃过亏。",
        "整理一份{t}的注意事项。",
        "{t}有哪些忌讳？",
    ),
    (
        "替代方案",
        "除了{t}之外还没有比较别的。",
        "我其实不太想要{t}。",
        "换一个方案代替{t}。",
        "除了{t}还有别的选择吗？",
    ),
    ("同伴", "{t}常常是结伴而行的。", "这次{t}一共有五个人。", "替我们五个人安排{t}。", "{t}适合带老人吗？"),
    ("口碑", "别人对{t}的看法值得参考。", "朋友都说{t}不错。", "搜集几条关于{t}的评论。", "大家对{t}的评价怎么样？"),
)
_ZH_NEW = (
    ("天气", "周末", "出门之前多半会看天气。", "我怕周六会下雨。", "写一份雨天的行李清单。", "周末会降温吗？"),
    (
        "摄影",
        "人像",
        "换个话题时常会聊到拍照。",
        "我拍的人像总是偏暗。",
        "把这几支镜头按重量排序。",
        "拍人像用多大的光圈？",
    ),
    ("园艺", "阳台", "闲下来可能会想种点什么。", "我家阳台只有上午有太阳。", "挑四种耐阴的香草。", "什么花不怕风？"),
    (
        "宠物",
        "猫",
        "家里的动物也会带来问题。",
        "我家猫一来客人就躲起来。",
        "给老猫推荐三样玩具。",
        "猫为什么半夜打呼噜？",
    ),
    (
        "音乐",
        "钢琴",
        "音乐是很多人的第二兴趣。",
        "我每个星期天练钢琴。",
        "选一首简单的钢琴曲。",
        "月光奏鸣曲是谁写的？",
    ),
    ("围棋", "布局", "下棋可以换换心情。", "我已经连输四盘围棋了。", "摆一道围棋死活题。", "三连星适合慢棋吗？"),
    (
        "睡眠",
        "习惯",
        "聊久了会谈到身体状况。",
        "我每天五点就醒了。",
        "设计一套不看屏幕的睡前流程。",
        "午睡会影响晚上的睡眠吗？",
    ),
    (
        "骑行",
        "维修",
        "另一个爱好也可能被提起。",
        "我的后刹车一下雨就响。",
        "列一张自行车保养清单。",
        "链条多久上一次油？",
    ),
    ("陶艺", "上釉", "喜欢动手的人会做些手工。", "我做的第一只碗烧裂了。", "调一种蓝色的釉。", "陶土多少度会熔化？"),
    (
        "天文",
        "望远镜",
        "好奇的人也会抬头看天。",
        "我去年冬天买了一架二手望远镜。",
        "画一张夏季星图。",
        "双筒镜能看到土星吗？",
    ),
    ("帆船", "绳结", "假期的回忆可能被勾起。", "我们在青岛租过一条小船。", "示范一下单套结的打法。", "黄海有多深？"),
    (
        "烘焙",
        "面包",
        "厨房里的事总会轮到。",
        "我烤的面包老是发不起来。",
        "做一个不放糖的面包配方。",
        "全麦粉要加多少水？",
    ),
)

KNOWN: dict[str, tuple[Entry, ...]] = {
    "en": tuple(Entry(None, *each) for each in _EN_KNOWN),
    "zh": tuple(Entry(None, *each) for each in _ZH_KNOWN),
}
NEW: dict[str, tuple[Entry, ...]] = {
    "en": tuple(Entry(*each) for each in _EN_NEW),
    "zh": tuple(Entry(*each) for each in _ZH_NEW),
}

#: How a path of the dialogue itself (the truth's, or a later turn's) is reasoned for and said: `{a}` is its attribute.
OWN: dict[str, tuple[Entry, ...]] = {
    "en": (
        Entry(
            None,
            "",
            "What was said so far leaves {a} open.",
            "My main concern now is {a} for {t}.",
            "Add a paragraph on {a} of {t}.",
            "What should I know about {a} of {t}?",
        ),
        Entry(
            None,
            "",
            "Going further, {a} is a natural step.",
            "I care most about {a} where {t} is concerned.",
            "Sketch {a} of {t} in five lines.",
            "Could {a} of {t} matter here?",
        ),
    ),
    "zh": (
        Entry(
            None,
            "",
            "到现在为止还没有谈清{a}。",
            "我现在最在意的是{t}的{a}。",
            "补充一段{t}的{a}介绍。",
            "{t}的{a}是怎样的？",
        ),
        Entry(
            None,
            "",
            "顺着说下去自然会到{a}。",
            "{t}这边我比较看重{a}。",
            "整理一下{t}的{a}资料。",
            "{t}有什么样的{a}？",
        ),
    ),
}

#: Why a sentence type is likely, never by what was said next.
TYPE_REASONS: dict[str, dict[SentenceType, tuple[str, ...]]] = {
    "en": {
        SentenceType.DECLARATIVE: (
            "Plans are taking shape, so the user may report one.",
            "The last answer invites a remark about the user's own situation.",
            "Enough was cleared up for the user to state a preference.",
        ),
        SentenceType.IMPERATIVE: (
            "The user tends to hand over work, and more of it is at hand.",
            "A result is there that can be reshaped, so an order is near.",
            "The talk has moved from understanding to doing.",
        ),
        SentenceType.INTERROGATIVE: (
            "Only half of it is settled, so another question is near.",
            "The answer opened more doors than it closed.",
            "Details are missing, and the user has been curious so far.",
        ),
    },
    "zh": {
        SentenceType.DECLARATIVE: (
            "计划渐渐成形，可能会说明自己的决定。",
            "刚才的回答让人想谈谈自己的情况。",
            "信息已经够多，用户可以表明偏好了。",
        ),
        SentenceType.IMPERATIVE: (
            "用户习惯把事情交出去，后面还有事要办。",
            "结果已经有了，接下来可能要求改动。",
            "话题已经从了解转到动手。",
        ),
        SentenceType.INTERROGATIVE: (
            "问题只解决了一半，很可能继续提问。",
            "刚才的回答带出了更多疑点。",
            "细节还不清楚，而用户一直比较好奇。",
        ),
    },
}
