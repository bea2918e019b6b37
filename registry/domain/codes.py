"""Reference codes: districts, industry divisions, sizes, and the Chinese words of every choice (policy §13)."""

from collections.abc import Mapping

TIER_WORDS: Mapping[str, str] = {
    "innovative": "创新型中小企业",
    "specialized": "专精特新中小企业",
    "little_giant": "专精特新“小巨人”企业",
    "above_scale": "规模以上工业企业",
}
TIER_WORDS_EN: Mapping[str, str] = {
    "innovative": "Innovative SME",
    "specialized": "Specialized SME",
    "little_giant": "Little giant",
    "above_scale": "Above-scale industrial firm",
}
# The ladder, from the lowest rung up; above_scale stands beside it.
LADDER = ("innovative", "specialized", "little_giant")
TIERS = (*LADDER, "above_scale")
KIND_WORDS: Mapping[str, str] = {"new": "首次", "re_review": "复核"}

CHOICE_WORDS: Mapping[str, Mapping[str, str]] = {
    "rd_institution": {
        "none": "无",
        "below_city": "市级以下",
        "city": "市级",
        "provincial": "省级",
        "national": "国家级",
    },
    "chain_role": {
        "key_link": "关键环节补短板锻长板填空白",
        "basic_or_supplier": "工业六基、中华老字号或龙头配套",
        "none": "无",
    },
    "local_field": {
        "provincial_chain": "省规划且链主产业链",
        "provincial": "省规划领域",
        "city": "市重点领域",
        "county": "县重点领域",
        "none": "无",
    },
    "listing": {"listed": "上市或新三板", "regional": "区域性股权市场或已受理", "none": "无"},
    "kind": {
        "innovative": "创新型中小企业",
        "specialized": "专精特新中小企业",
        "little_giant": "专精特新“小巨人”企业",
        "tech_sme": "科技型中小企业",
        "hi_tech": "高新技术企业",
        "tech_innovation_demo": "国家级技术创新示范企业",
        "ip_advantage": "知识产权优势企业",
        "ip_demo": "知识产权示范企业",
        "champion": "制造业单项冠军",
    },
    "level": {"national": "国家级", "provincial": "省级"},
    "contest": {"maker_china": "创客中国"},
}
# The same in English, as they stand within a sentence.
CHOICE_WORDS_EN: Mapping[str, Mapping[str, str]] = {
    "rd_institution": {
        "none": "none",
        "below_city": "below city level",
        "city": "city",
        "provincial": "provincial",
        "national": "national",
    },
    "chain_role": {
        "key_link": "key link",
        "basic_or_supplier": "industrial basics, time-honoured brand, or supplier of a lead firm",
        "none": "none",
    },
    "local_field": {
        "provincial_chain": "provincial plan and chain-master chain",
        "provincial": "provincial plan",
        "city": "city key field",
        "county": "county key field",
        "none": "none",
    },
    "listing": {"listed": "listed or on NEEQ", "regional": "regional equity market or accepted", "none": "none"},
    "kind": {
        "innovative": "innovative SME",
        "specialized": "specialized SME",
        "little_giant": "little giant",
        "tech_sme": "technology SME",
        "hi_tech": "high-tech enterprise",
        "tech_innovation_demo": "national technological innovation demonstration enterprise",
        "ip_advantage": "IP advantage enterprise",
        "ip_demo": "IP demonstration enterprise",
        "champion": "manufacturing champion",
    },
    "level": {"national": "national", "provincial": "provincial"},
    "contest": {"maker_china": "Maker China"},
}

DISTRICTS: Mapping[str, str] = {
    "370202": "市南区",
    "370203": "市北区",
    "370211": "黄岛区（西海岸新区）",
    "370212": "崂山区",
    "370213": "李沧区",
    "370214": "城阳区",
    "370215": "即墨区",
    "370281": "胶州市",
    "370283": "平度市",
    "370285": "莱西市",
}
DISTRICTS_EN: Mapping[str, str] = {
    "370202": "Shinan",
    "370203": "Shibei",
    "370211": "Huangdao (West Coast)",
    "370212": "Laoshan",
    "370213": "Licang",
    "370214": "Chengyang",
    "370215": "Jimo",
    "370281": "Jiaozhou",
    "370283": "Pingdu",
    "370285": "Laixi",
}

SIZE_WORDS: Mapping[str, str] = {"large": "大型", "medium": "中型", "small": "小型", "micro": "微型"}

EXIT_REASONS: Mapping[str, str] = {
    "below_threshold": "主营业务收入不达标",
    "deregistered": "注销吊销",
    "changed_trade": "专业变更",
    "moved_out": "迁出",
    "misclassified": "单位界定错误",
    "stopped": "停业歇业",
    "other": "其他",
}
# What happens to a firm's standing (see `registry.domain.events`).
EVENT_WORDS: Mapping[str, str] = {
    "recognised": "认定",
    "renewed": "复核延续",
    "reinstated": "恢复",
    "expired": "到期",
    "revoked": "撤销",
    "entered": "入库",
    "exited": "退库",
    "moved": "迁移区市",
    "renamed": "更名",
    "merged": "被合并",
    "corrected": "更正",
}
ENTRY_WORDS: Mapping[str, str] = {"annual": "年度", "monthly": "月度"}
