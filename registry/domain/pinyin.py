"""Pinyin as people type it for a name: whole syllables, the last perhaps unfinished, or only their first letters.

Works on readings: for each character of a name the syllables that it may be read as. Knows no character itself.
"""

from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import pairwise, product

Readings = Sequence[tuple[str, ...]]

_KNOWN = """
a ai an ang ao ba bai ban bang bao bei ben beng bi bian biao bie bin bing bo bu ca cai can cang cao ce cen ceng
cha chai chan chang chao che chen cheng chi chong chou chu chua chuai chuan chuang chui chun chuo ci cong cou cu
cuan cui cun cuo da dai dan dang dao de dei den deng di dia dian diao die ding diu dong dou du duan dui dun duo
e ei en eng er fa fan fang fei fen feng fiao fo fou fu ga gai gan gang gao ge gei gen geng gong gou gu gua guai
guan guang gui gun guo ha hai han hang hao he hei hen heng hong hou hu hua huai huan huang hui hun huo ji jia
jian jiang jiao jie jin jing jiong jiu ju juan jue jun ka kai kan kang kao ke kei ken keng kong kou ku kua kuai
kuan kuang kui kun kuo la lai lan lang lao le lei len leng li lia lian liang liao lie lin ling liu lo long lou
lu luan lun luo lv lve ma mai man mang mao me mei men meng mi mian miao mie min ming miu mo mou mu na nai nan
nang nao ne nei nen neng ni nian niang niao nie nin ning niu nong nou nu nuan nun nuo nv nve o ou pa pai pan
pang pao pei pen peng pi pian piao pie pin ping po pou pu qi qia qian qiang qiao qie qin qing qiong qiu qu quan
que qun ran rang rao re ren reng ri rong rou ru rua ruan rui run ruo sa sai san sang sao se sen seng sha shai
shan shang shao she shei shen sheng shi shou shu shua shuai shuan shuang shui shun shuo si song sou su suan sui
sun suo ta tai tan tang tao te tei teng ti tian tiao tie ting tong tou tu tuan tui tun tuo wa wai wan wang wei
wen weng wo wu xi xia xian xiang xiao xie xin xing xiong xiu xu xuan xue xun ya yan yang yao ye yi yin ying yo
yong you yu yuan yue yun za zai zan zang zao ze zei zen zeng zha zhai zhan zhang zhao zhe zhei zhen zheng zhi
zhong zhou zhu zhua zhuai zhuan zhuang zhui zhun zhuo zi zong zou zu zuan zui zun zuo
"""
SYLLABLES = frozenset(_KNOWN.split())
_LONGEST = max(map(len, SYLLABLES))
# A text that can be cut in more ways than that is looked for in the first of them.
_MOST_CUTS = 48


def is_heard(typed: str, readings: Readings) -> bool:
    """Say whether some characters one after another are read as typed, the last of them at least in its beginning."""
    return any(_heard_from(typed, readings, start) for start in range(len(readings)))


def _heard_from(typed: str, readings: Readings, start: int) -> bool:
    reached = {0}
    for place in range(start, len(readings)):
        further = set()
        for at in reached:
            left = typed[at:]
            for said in readings[place]:
                if said.startswith(left):
                    return True
                if left.startswith(said):
                    further.add(at + len(said))
        if not further:
            return False
        reached = further
    return False


def are_initials(typed: str, readings: Readings) -> bool:
    """Say whether the letters typed are the first letters of as many characters one after another."""
    first = [{said[0] for said in one} for one in readings]
    return any(
        all(letter in first[start + place] for place, letter in enumerate(typed))
        for start in range(len(first) - len(typed) + 1)
    )


def heard_grams(readings: Readings) -> Iterator[str]:
    """Yield what a name is found by in pinyin from its first character on: syllable and pair, two and three initials.

    Args:
        readings: of three characters one after another, or of the last ones of a name.
    """
    whole = [tuple(said for said in one if said in SYLLABLES) for one in readings[:2]]
    first = [tuple(sorted({said[0] for said in one})) for one in readings]
    yield from (f"~{said}" for said in whole[0])
    if len(readings) > 1:
        yield from (f"~{one}.{after}" for one, after in product(*whole))
        yield from (f"^{one}{after}" for one, after in product(*first[:2]))
    if len(readings) > 2:
        yield from (f"^{''.join(some)}" for some in product(*first))


def initial_grams(typed: str) -> list[str]:
    """Return the grams that a name with these initials has."""
    length = min(len(typed), 3)
    return [f"^{typed[place : place + length]}" for place in range(len(typed) - length + 1)]


def cut(typed: str) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Return the ways in which letters are syllables: the whole ones, then what the last one may be."""
    found: list[tuple[tuple[str, ...], tuple[str, ...]]] = []
    _cut(typed, (), found)
    return found


def _cut(left: str, before: tuple[str, ...], found: list[tuple[tuple[str, ...], tuple[str, ...]]]) -> None:
    if len(found) >= _MOST_CUTS:
        return
    last = beginning_with(left)
    if last:
        found.append((before, last))
    for length in range(min(len(left) - 1, _LONGEST), 0, -1):
        if left[:length] in SYLLABLES and _can_be_cut(left[length:]):
            _cut(left[length:], (*before, left[:length]), found)


@lru_cache(4096)
def _can_be_cut(left: str) -> bool:
    if beginning_with(left):
        return True
    return any(
        left[:length] in SYLLABLES and _can_be_cut(left[length:]) for length in range(1, min(len(left), _LONGEST + 1))
    )


@lru_cache(4096)
def beginning_with(letters: str) -> tuple[str, ...]:
    """Return the syllables that begin with some letters."""
    return tuple(sorted(said for said in SYLLABLES if said.startswith(letters)))


def syllable_grams(before: tuple[str, ...], last: tuple[str, ...]) -> list[tuple[str, ...]]:
    """Return the grams that a name has which is read so; of each tuple it has one."""
    if not before:
        return [tuple(f"~{said}" for said in last)]
    pairs = [(f"~{one}.{after}",) for one, after in pairwise(before)]
    return [*pairs, tuple(f"~{before[-1]}.{said}" for said in last)]
