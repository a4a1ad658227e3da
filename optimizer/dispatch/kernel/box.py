"""A tuple of arrays as one pointer.

Compiled functions take a named tuple apart, so that each call passes every array of it, and compiling takes minutes.
Here the arrays are put behind one reference (numba's `structref`), which costs a load for each use and compiles twenty
times as fast. With the compiler off, the tuple is its own box. numba has no types, which is what is silenced below.
"""

from __future__ import annotations

from hashlib import sha256
from typing import Any, TypeVar

from numba import config, types
from numba.core import cgutils
from numba.experimental import structref
from numba.experimental.jitclass.base import imp_dtor
from numba.extending import intrinsic

from optimizer.dispatch.kernel.arrays import Data, State
from optimizer.dispatch.kernel.compiled import compiled

Arrays = TypeVar("Arrays", Data, State)


class BoxType(types.StructRef):
    """The type of a box; its fields are those of the tuple.

    Its name, which becomes part of the name of every compiled function, is a digest of the fields instead of them all.
    """

    def __init__(self, fields: Any) -> None:
        super().__init__(fields)
        self.name = f"Box{sha256(self.name.encode()).hexdigest()[:16]}"

    def preprocess_fields(self, fields: Any) -> Any:
        """Return the fields as they are, but for literals."""
        return tuple((name, types.unliteral(kind)) for name, kind in fields)


class Box(structref.StructRefProxy):  # type: ignore[misc]
    """The reference as Python sees it: nothing to look at; the arrays are shared with the tuple it was made of."""


structref.register(BoxType)
structref.define_boxing(BoxType, Box)


@intrinsic  # type: ignore[misc]
def _behind(typing: Any, values: Any) -> Any:
    """Allocate a box with all fields of a named tuple."""
    box = BoxType(tuple(zip(values.fields, values.types, strict=True)))

    def generate(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        model = context.data_model_manager[box.get_data_type()]
        layout = model.get_value_type()
        size = context.get_constant(types.uintp, context.get_abi_sizeof(layout))
        destructor = imp_dtor(context, builder.module, box)
        memory = context.nrt.meminfo_alloc_dtor(builder, size, destructor)
        pointer = builder.bitcast(context.nrt.meminfo_data(builder, memory), layout.as_pointer())
        builder.store(cgutils.get_null_value(layout), pointer)
        reference = context.make_helper(builder, box)
        reference.meminfo = memory
        content = cgutils.create_struct_proxy(box.get_data_type())(context, builder, ref=pointer)
        for index, (name, kind) in enumerate(box._fields):
            value = builder.extract_value(arguments[0], index)
            context.nrt.incref(builder, kind, value)
            setattr(content, name, value)
        return reference._getvalue()

    return box(values), generate


@compiled
def _boxed(values: Any) -> Any:
    return _behind(values)  # type: ignore[call-arg]


def boxed(values: Arrays) -> Arrays:
    """Return arrays as one reference for compiled functions; changes show in the tuple, whose arrays they are."""
    return values if config.DISABLE_JIT else _boxed(values)  # type: ignore[attr-defined]
