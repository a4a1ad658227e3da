"""Imports every module that declares tables, so that the metadata is whole: for that effect alone (F401)."""

from fieldops.audit import models as _audit_seals  # noqa: F401
from fieldops.customers import models as _customers  # noqa: F401
from fieldops.dispatch import models as _dispatch  # noqa: F401
from fieldops.dispatch.checklists import models as _checklists  # noqa: F401
from fieldops.dispatch.crew import models as _crew  # noqa: F401
from fieldops.dispatch.execution import models as _execution  # noqa: F401
from fieldops.dispatch.photos import models as _photos  # noqa: F401
from fieldops.dispatch.tasks import models as _tasks  # noqa: F401
from fieldops.dispatch.travel import models as _travel  # noqa: F401
from fieldops.equipment import models as _equipment  # noqa: F401
from fieldops.erp import models as _erp  # noqa: F401
from fieldops.events import models as _events  # noqa: F401
from fieldops.finance.approvals import models as _approvals  # noqa: F401
from fieldops.finance.budgets import models as _budgets  # noqa: F401
from fieldops.finance.calendars import models as _fiscal  # noqa: F401
from fieldops.finance.control import models as _control  # noqa: F401
from fieldops.finance.rates import models as _rates  # noqa: F401
from fieldops.fleet import models as _fleet  # noqa: F401
from fieldops.fleet.utilisation import models as _utilisation  # noqa: F401
from fieldops.identity import models as _identity  # noqa: F401
from fieldops.operations import models as _workers  # noqa: F401
from fieldops.planning import models as _planning  # noqa: F401
from fieldops.planning.desk import models as _desk  # noqa: F401
from fieldops.planning.rolling import models as _rolling  # noqa: F401
from fieldops.workforce import models as _workforce  # noqa: F401
from fieldops.workforce.releasing import models as _releasing  # noqa: F401
from fieldops.workforce.roster import models as _roster  # noqa: F401
from inventory.catalogue import models as _catalogue  # noqa: F401
from inventory.cores import models as _cores  # noqa: F401
from inventory.inspection import models as _inspection  # noqa: F401
from inventory.kernel import audit as _audit  # noqa: F401
from inventory.kernel import idempotency as _idempotency  # noqa: F401
from inventory.kernel import installation as _installation  # noqa: F401
from inventory.kernel import numbering as _numbering  # noqa: F401
from inventory.kernel import operations as _operations  # noqa: F401
from inventory.kernel import outbox as _outbox  # noqa: F401
from inventory.kernel.base import Base
from inventory.ledger import cost_models as _costs  # noqa: F401
from inventory.ledger import models as _ledger  # noqa: F401
from inventory.network import models as _network  # noqa: F401
from inventory.offers import models as _offers  # noqa: F401
from inventory.orders import models as _orders  # noqa: F401
from inventory.planning import models as _stock_planning  # noqa: F401
from inventory.planning.benches import models as _benches  # noqa: F401
from inventory.planning.reliability import models as _reliability  # noqa: F401
from inventory.planning.stock_plans import models as _target_plans  # noqa: F401
from inventory.planning.weights import models as _weights  # noqa: F401
from inventory.stocktakes import models as _stocktakes  # noqa: F401
from inventory.traceability import models as _traceability  # noqa: F401
from inventory.valuation import models as _valuation  # noqa: F401

metadata = Base.metadata
"""Every table of the product."""
