"""Words that tell nothing of anybody: those of talk itself, and the most common ones (`barrier.py`)."""

_ENGLISH = """
about above after again along already also although always another anyone anything around aspect aspects because
been before being below better between both bring build chat chatbot come comes concrete connect conversation
could deep deeper deeply describe detail details does doing each either encourage engage engaging enough even
ever every everything example examples explore expand fact facts feel feels fewer find follow followed from
further generic give gives given going good great have having help helps here however idea ideas insight
insights instead interest interested interesting interests into invite just keep kind know known knows lead less
like likes link listen little long look make makes many maybe mention mentioned might more most move much must
name natural need needs never next nothing offer often once only open opinion other others over part particular
perhaps person personal personally personality please point points question questions rather read reads reason
recent relate related relevant reply response said same says seem sentence several share shared shares should
show shows simple simply since some someone something sound specific such suggest support sure take takes talk
talked talking talks tell tells than that their them then there these they thing things think this those though
through time times told topic topics toward towards true turn under understand until upon used useful user value
very want wants warm well went were what when where whether which while will with within without wonder word
words work worked working works would write year years your yours yourself life background hobby hobbies enjoy
enjoys enjoyed love loves passion passionate experience experiences began start started people career all and
any are ask bad but can did few for get got had has her him his how its lot may not now off one our out own put
say see set she the too try two use was way who why yes yet you day man men job him new old big end far fun let
made per also bit
"""
_CHINESE = (
    "的了是在我你他她它和与也都很就有不对会可以这那个一些么什吗呢吧啊更多少要能让把被从到为以及或但而说话问题回复聊天方面具体"
    "内容自己对方喜欢兴趣爱好背景工作生活时间如果因为所以应该需要可能没有比较非常最好先再还只来去上下中里后前着过得地给向请用"
    "每种类关于感觉觉得知道想年人名叫"
)

PLAIN_WORDS = frozenset(_ENGLISH.split())
#: Characters: a pair with one of them tells nothing.
PLAIN_CHARACTERS = frozenset(_CHINESE)
