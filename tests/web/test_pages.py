"""Every page, in both languages: it answers, is well formed, and says what the register knows."""

import re

import pytest
from flask.testing import FlaskClient
from make import code
from page_reader import Page
from small_city import FIRM, HOSTILE, PAGES, Ask

from registry.domain.codes import DISTRICTS, KIND_WORDS, TIER_WORDS
from registry.domain.facts import FIRM_FACTS, YEAR_FACTS
from registry.policy import load, rule_set_ids
from registry.policy.watch_lists import watch_lists
from registry.web import catalogue


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_answers_and_is_well_formed(ask: Ask, address: str, lang: str) -> None:
    page = ask(address, lang=lang)

    assert page.faults() == []
    assert [{"lang": "en" if lang == "en" else "zh-CN"}] == page.all("html")


def chinese_words() -> set[str]:
    """Every word that a page has in both languages; shorter ones are parts of citations and names."""
    tables = (TIER_WORDS, KIND_WORDS, DISTRICTS)
    words = {str(one.id) for one in catalogue.stored() if one.id and "%" not in str(one.id)}
    words |= {fact.label for fact in (*FIRM_FACTS.values(), *YEAR_FACTS.values())}
    words |= {one.label for name in rule_set_ids() for one in load(name).criteria}
    return {word for word in words.union(*(table.values() for table in tables)) if len(word) > 2}


@pytest.mark.parametrize("address", PAGES)
def test_an_english_page_has_no_chinese_of_its_own(ask: Ask, address: str) -> None:
    # In Chinese first: what a template works out once must not stay in the first reader's language.
    ask(address, lang="zh")
    page = ask(address, lang="en")
    # Names and documents, and the lists that things were filed from, are Chinese in every language.
    cited = [one.source for name in rule_set_ids() for one in load(name).criteria]
    cited += [load(name).document for name in rule_set_ids()]
    cited += [one.source for one in watch_lists().values()]
    quoted = "".join(
        [*cited, "语言 Language", "2025年第1批", "公告1号", "青岛示例轴承有限公司", "称号名单", "规上名单", "培育库"]
    )
    own = {word for word in chinese_words() if word not in quoted}

    assert sorted(word for word in own if word in page.text) == []


@pytest.mark.parametrize("address", PAGES)
def test_every_link_of_a_page_leads_to_a_page(client: FlaskClient, ask: Ask, address: str) -> None:
    links = {link for link in ask(address).links if link.startswith("/")}

    for link in sorted(links)[:60]:
        assert client.get(link).status_code == 200, link


def test_the_front_page_counts_the_year_and_the_stock(ask: Ask) -> None:
    page = ask("/")

    assert "2025年新认定专精特新中小企业" in page.text
    assert {"value": "71", "max": "300", "class": "", "aria-label": "2025年新认定专精特新中小企业"} in page.all(
        "progress"
    )
    assert "还差 229 家" in page.text
    assert "还差 5,000 家" in page.text
    assert "数据截至 2025-11-25" in page.text


def test_the_number_of_the_front_page_is_the_length_of_its_list(ask: Ask) -> None:
    link = next(link for link in ask("/").links if "change=new" in link and "district" not in link)

    assert sum(len(page.all("th", scope="row")) for page in _all_pages(ask, link)) == 71


def test_the_holders_of_any_title_have_their_list(ask: Ask) -> None:
    link = next(link for link in ask("/").links if "tier=any" in link)

    assert sum(len(page.all("th", scope="row")) for page in _all_pages(ask, link)) == 72
    assert "持有任一称号的企业" in ask(link).text


def test_another_day_counts_what_was_in_force_then(ask: Ask) -> None:
    page = ask("/?on=2023-12-31")

    assert "2023年梯度培育进度" in page.text
    assert "1" in [one["value"] for one in page.all("progress")]


def test_a_list_is_paged_by_key_without_losing_or_repeating_a_firm(ask: Ask) -> None:
    found = [link for page in _all_pages(ask, "/firms?district=370214") for link in page.links]
    firms = [link for link in found if re.fullmatch(r"/firms/\w{18}.*", link)]

    assert 120 == len(firms) == len(set(firms))
    assert firms == sorted(firms)


def test_a_list_keeps_its_query_in_the_form_and_in_the_next_page(ask: Ask) -> None:
    page = ask("/firms?q=示例&district=370214&tier=specialized&on=2025-11-01")

    assert page.value_of("q") == "示例"
    assert page.value_of("on") == "2025-11-01"
    assert [one["value"] for one in page.all("option") if "selected" in one and one["value"].isdigit()] == ["370214"]
    following = next(link for link in page.links if "after=" in link)
    for part in ("district=370214", "tier=specialized", "on=2025-11-01"):
        assert part in following


@pytest.mark.parametrize(
    "query", ["tier=any", "tier=specialized&change=new&on=2025-12-31", "tier=specialized", "district=370214"]
)
def test_every_condition_of_a_list_counts_together(ask: Ask, query: str) -> None:
    page = ask(f"/firms?q=示例第11有限公司&{query}")

    assert len(page.all("th", scope="row")) == 1
    assert page.value_of("q") == "示例第11有限公司"


def test_an_empty_list_says_what_to_do(ask: Ask) -> None:
    assert "可以减少条件再试" in ask("/firms?q=没有这样的企业").text


def test_a_firm_is_found_by_the_beginning_of_its_code_and_by_part_of_its_name(ask: Ask) -> None:
    for text in (code(3), code(3)[:16].lower(), "示例空白"):
        assert "青岛示例空白有限公司" in ask(f"/firms?q={text}").text


def test_a_firm_shows_its_titles_stays_figures_and_facts(ask: Ask) -> None:
    page = ask(FIRM)

    for words in (
        "专精特新中小企业，有效至 2028-04-09",
        "公告1号",
        "主营业务收入不达标",
        "-100.00",
        "12.34%",
        "蓝谷",
    ):
        assert words in page.text
    assert len(page.all("div", class_="card-body timeline")) == 1


def test_a_code_in_small_letters_leads_to_its_page(client: FlaskClient) -> None:
    answer = client.get(f"/firms/{code(1).lower()}?_scheme=javascript&kind=new")

    assert answer.status_code == 301
    assert f"{FIRM}?_scheme=javascript&kind=new" == answer.location


def test_an_assessment_shows_every_criterion_with_sign_word_and_source(ask: Ask) -> None:
    page = ask(f"{FIRM}/assessment/specialized?on=2025-11-01")
    verdicts = [one["class"] for one in page.all("span") if one.get("class", "").startswith("verdict ")]

    criteria = [one for one in page.all("li") if one.get("class", "").startswith("criterion ")]
    assert len(criteria) == len(load("specialized-2022").criteria)
    assert {"verdict verdict--met", "verdict verdict--undetermined"} <= set(verdicts)
    for words in (
        "✓ 满足",
        "? 待定",
        "工信部企业〔2022〕63号 附件2 一(二)",
        "研发费用 300.00 万元",
        "specialized-2022",
    ):
        assert words in page.text


def test_an_assessment_names_what_is_missing_and_what_contradicts_itself(ask: Ask) -> None:
    page = ask(f"{FIRM}/assessment/specialized?on=2025-11-01")

    assert "补充以下数据即可判定：" in page.text
    assert "Ⅰ类高价值知识产权数" in page.text
    assert "自主研发Ⅰ类知识产权数：自主研发Ⅰ类知识产权数大于Ⅰ类知识产权数" in page.text


def test_a_finding_unfolds_into_its_parts(ask: Ask) -> None:
    page = ask(f"{FIRM}/assessment/specialized?on=2025-11-01")

    assert page.all("details")
    assert page.all("ul", class_="tree")
    assert "科技奖励" in page.text


def test_a_day_without_rules_says_so(ask: Ask) -> None:
    assert "最早自 2022-08-01 起" in ask(f"{FIRM}/assessment/specialized?on=2020-01-01").text
    assert "无适用标准" in ask(f"{FIRM}?on=2020-01-01").text


def test_a_hostile_name_is_shown_and_not_run(ask: Ask) -> None:
    for address in (f"/firms/{code(2)}", "/firms?district=370202", f"/firms/{code(2)}/assessment/innovative"):
        page = ask(address)

        assert HOSTILE in page.text
        assert not page.all("script")


def test_hostile_queries_are_shown_and_not_run(ask: Ask) -> None:
    page = ask("/firms?q=%22%3E%3Cscript%3Ealert(1)%3C/script%3E")

    assert page.value_of("q") == '"><script>alert(1)</script>'
    assert not page.all("script")


def _all_pages(ask: Ask, link: str) -> list[Page]:
    pages = [ask(link)]
    while following := [one["href"] for one in pages[-1].all("a", rel="next")]:
        pages.append(ask(following[0]))
    return pages
