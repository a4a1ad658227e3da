"""A card and certificates with something in every field, in several scripts."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from fieldops.dispatch.papers.card import JobCard
from fieldops.dispatch.papers.certificate import ReleaseCertificate
from fieldops.dispatch.papers.diary import Visit
from fieldops.dispatch.papers.parts import (
    DataReference,
    Deferral,
    LabourLine,
    OperatorRelease,
    PartLine,
    Seat,
    Signatory,
    Site,
    Statement,
    Step,
    Tail,
    ToolLine,
)

TAIL = Tail("B-3726", "TH60", "0817", "Lan Xang Air · 澜沧航空")
SITE = Site("VTE", "Vientiane Wattay", "Asia/Vientiane")
DATA = DataReference("AMM 32-41-11-400", "14", date(2026, 1, 15))
DEFERRAL = Deferral("DDL-0042", "Left reading light inoperative · 左侧阅读灯不亮", "C", date(2026, 3, 9))

CARD = JobCard(
    number="J-00042",
    work_order="WO-2026-0107",
    title="Replace the left main wheel brake",
    title_zh="更换左主轮刹车装置",
    organisation="Qinling Aircraft Support · 秦岭航空服务",
    approval="D.300017",
    issued_at=datetime(2026, 2, 27, 6, 5, tzinfo=UTC),
    tail=TAIL,
    site=SITE,
    starts_at=datetime(2026, 3, 1, 18, 30, tzinfo=UTC),
    ends_at=datetime(2026, 3, 1, 22, 45, tzinfo=UTC),
    task="32-41-11-400-801",
    ata="32",
    data=DATA,
    steps=(
        Step("1", "Put the safety pins into the landing gear. 将安全销插入起落架。"),
        Step("2", "Remove the wheel, then the brake; cap the hydraulic lines."),
        Step("3", "Fit the brake; torque the bolts to 95–105 N·m in two rounds.", critical=True, inspected=True),
        Step("4", "Bleed the system and check for leaks at 207 bar. 排气并检查渗漏。", inspected=True),
    ),
    seats=(
        Seat("release_signatory", "Nguyễn Thị Hồng Ánh", ("CAAC ME-TA 0093417", "QAS-A-118")),
        Seat("independent_inspector", "Юлія Ґудзь", ("EASA Part-66 UA.66.2201",)),
        Seat("mechanic", "欧阳镕喆", ("CAAC ME 0114502",)),
        Seat("trainee", None),
    ),
    parts=(
        PartLine(
            "TH3241-00011-3",
            "Brake assembly, main wheel",
            Decimal(1),
            "EA",
            "BR-20417",
            ("TH3241-00011-5", "TH3241-00012-1"),
            "AAC-038 2025-11873",
        ),
        PartLine("MS29526-2", "Hydraulic fluid MIL-PRF-83282", Decimal("1250.5"), "ml"),
    ),
    tools=(
        ToolLine("TW-150", "Torque wrench 20–150 N·m", "TW-0093", date(2026, 8, 31)),
        ToolLine("JK-20", "Axle jack 20 t", "JK-0007"),
    ),
    precautions=(
        "Brakes stay hot for 40 minutes after landing.",
        "Depressurise the hydraulic system. 释放液压系统压力。",
    ),
    deferrals=(DEFERRAL,),
    labour=(
        LabourLine("欧阳镕喆", datetime(2026, 3, 1, 18, 40, tzinfo=UTC), datetime(2026, 3, 1, 21, 55, tzinfo=UTC)),
        LabourLine("Nguyễn Thị Hồng Ánh", datetime(2026, 3, 1, 19, 0, tzinfo=UTC), None),
    ),
)

RELEASE = ReleaseCertificate(
    number="CRS-2026-00042",
    job="J-00042",
    work_order="WO-2026-0107",
    organisation="Qinling Aircraft Support · 秦岭航空服务",
    approval="D.300017",
    tail=TAIL,
    site=SITE,
    work_done=("Replaced the left main wheel brake, S/N BR-20417 fitted. 更换左主轮刹车装置。", "Leak check: none."),
    data=(DATA, DataReference("CMM 32-45-10", "7")),
    limitations=("First landing: maximum braking only if needed.",),
    deferrals=(DEFERRAL,),
    signatory=Signatory("Nguyễn Thị Hồng Ánh", "CAAC ME-TA 0093417", "QAS-A-118"),
    signed_at=datetime(2026, 3, 1, 22, 20, tzinfo=UTC),
    statement=Statement(
        "CAAC",
        "The work recorded above was done as the rules of this authority require (sample words). "
        "兹证明上述工作已按规定完成（示例文字）。",
        "Sample rule 145.31",
        "2025-10",
    ),
)

ADVICE = replace(
    RELEASE,
    number="ADV-2026-00007",
    statement=None,
    operator_release=OperatorRelease("LXA-TLB-88120", "Somphone Phommachanh"),
)

VISIT = Visit(
    number=CARD.number,
    title=CARD.title,
    title_zh=CARD.title_zh,
    registration=TAIL.registration,
    site=SITE,
    starts_at=CARD.starts_at,
    ends_at=CARD.ends_at,
    data=DATA,
    parts=CARD.parts,
    tools=CARD.tools,
)
