"""The acceptance rules as the migration delivers them. In force is what the database holds.

They are a start, written down from public regulations and bilateral agreements as commonly understood, on the strict
side where these leave room. They are no legal advice: each organisation must check every rule against the editions in
force for it, and its own procedures, before it relies on it; `edition` says so until somebody has.
"""

from __future__ import annotations

from collections.abc import Mapping

from inventory.traceability.kinds import Form, PartGroup, Usage
from inventory.traceability.rule_schemas import NewRule

UNCHECKED = "delivered default, to be checked against the edition in force"

SOURCES = {
    "CAAC": "CCAR-145 and AC-120-FS-058 (acceptable parts)",
    "EASA": "Regulation (EU) No 1321/2014, 145.A.42 and its AMC; bilateral agreements of the EU",
    "FAA": "14 CFR 43 and 43.17, AC 20-62; bilateral agreements of the US",
    "TCCA": "CAR 571.08, 571.13; bilateral agreements of Canada",
    "UK": "UK Regulation (EU) No 1321/2014, 145.A.42 and its AMC; bilateral agreements of the UK",
}
_NEW: Mapping[str, tuple[Form, ...]] = {
    "CAAC": (Form.CAAC_AAC_038, Form.EASA_FORM_1, Form.FAA_8130_3, Form.TCCA_FORM_ONE),
    "EASA": (Form.EASA_FORM_1, Form.FAA_8130_3, Form.TCCA_FORM_ONE, Form.UK_FORM_1),
    "FAA": (Form.FAA_8130_3, Form.EASA_FORM_1, Form.TCCA_FORM_ONE, Form.UK_FORM_1),
    "TCCA": (Form.TCCA_FORM_ONE, Form.EASA_FORM_1, Form.FAA_8130_3, Form.UK_FORM_1),
    "UK": (Form.UK_FORM_1, Form.EASA_FORM_1, Form.FAA_8130_3, Form.TCCA_FORM_ONE),
}
_USED: Mapping[str, tuple[tuple[Form, ...], tuple[Form, ...]]] = {
    "CAAC": ((Form.CAAC_AAC_038,), (Form.EASA_FORM_1, Form.FAA_8130_3, Form.TCCA_FORM_ONE, Form.UK_FORM_1)),
    "EASA": ((Form.EASA_FORM_1,), (Form.FAA_8130_3, Form.TCCA_FORM_ONE)),
    "FAA": ((Form.FAA_8130_3, Form.TCCA_FORM_ONE), (Form.EASA_FORM_1, Form.UK_FORM_1)),
    "TCCA": ((Form.TCCA_FORM_ONE,), (Form.EASA_FORM_1, Form.FAA_8130_3, Form.UK_FORM_1)),
    "UK": ((Form.UK_FORM_1,), (Form.EASA_FORM_1, Form.FAA_8130_3, Form.TCCA_FORM_ONE)),
}
_EXCLUDED = ("not eligible for installation", "prototype")


def _rule(authority: str, group: PartGroup, usage: Usage, *forms: Form, **more: object) -> NewRule:
    told = {"authority": authority, "part_group": group, "usage": usage, "forms": forms, **more}
    code = f"{authority}-{group}-{usage}".replace("_", "-").upper()
    return NewRule.model_validate({"code": code, "source": SOURCES[authority], "edition": UNCHECKED, **told})


DEFAULT_RULES = [
    rule
    for authority in sorted(SOURCES)
    for rule in (
        _rule(authority, PartGroup.COMPONENT, Usage.NEW, *_NEW[authority], excluded_remarks=_EXCLUDED),
        _rule(
            authority,
            PartGroup.COMPONENT,
            Usage.USED,
            *_USED[authority][0],
            dual_forms=_USED[authority][1],
            excluded_remarks=_EXCLUDED,
        ),
        _rule(authority, PartGroup.STANDARD_PART, Usage.NEW, Form.CONFORMITY, batch_trace=True),
        _rule(authority, PartGroup.MATERIAL, Usage.NEW, Form.CONFORMITY, batch_trace=True),
        _rule(authority, PartGroup.TOOL, Usage.NEW),
        _rule(authority, PartGroup.TOOL, Usage.USED),
    )
]
"""Standard parts and materials need a conformity document that names their batch, no release form; used ones have no
rule, and so are not accepted. Tools need no release; their calibration is another matter."""
