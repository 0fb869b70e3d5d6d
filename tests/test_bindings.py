"""The lazy bindings: the same output as the stock ones, without their imports. Each case is a process of its own."""

import filecmp
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.conftest import CONTACTS_VARIABLE, EXAMPLE_CONTACTS, PROJECT

STOCK = "CLOUDTRAIL_MONITORING_STOCK_BINDINGS"
SYNTHESISE = "import runpy; runpy.run_path('main.py', run_name='__main__')"
ONE_TOPIC = """
from cdktf import TerraformStack, Testing
from cdktf_cdktf_provider_aws.sns_topic import SnsTopic
stack = TerraformStack(Testing.app(), "stack")
SnsTopic(stack, "topic", name="alerts")
assert '"name": "alerts"' in Testing.synth(stack)
"""


def run(program: str, **variables: str) -> str:
    environment = {key: value for key, value in os.environ.items() if key not in (STOCK, "NODE_OPTIONS", "JSII_NODE")}
    done = subprocess.run(
        [sys.executable, "-c", program],
        cwd=PROJECT,
        env={**environment, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_stock_bindings_synthesise_the_same_bytes(synthesised_output: Path, tmp_path: Path) -> None:
    run(SYNTHESISE, **{STOCK: "1", "CDKTF_OUTDIR": str(tmp_path), CONTACTS_VARIABLE: EXAMPLE_CONTACTS})
    lazy = {path.relative_to(synthesised_output) for path in synthesised_output.rglob("*") if path.is_file()}
    stock = {path.relative_to(tmp_path) for path in tmp_path.rglob("*") if path.is_file()}
    assert lazy == stock
    assert len([path for path in stock if path.name == "cdk.tf.json"]) == 6
    _, different, unreadable = filecmp.cmpfiles(synthesised_output, tmp_path, map(str, lazy), shallow=False)
    assert (different, unreadable) == ([], [])


def test_synthesis_is_the_same_twice(synthesised_output: Path, tmp_path: Path) -> None:
    run(SYNTHESISE, **{"PYTHONHASHSEED": "7", "CDKTF_OUTDIR": str(tmp_path), CONTACTS_VARIABLE: EXAMPLE_CONTACTS})
    for path in synthesised_output.glob("stacks/*/cdk.tf.json"):
        assert path.read_bytes() == (tmp_path / path.relative_to(synthesised_output)).read_bytes(), path


def test_importing_the_package_imports_no_cdktf() -> None:
    imported = run(
        "import cloudtrail_monitoring, cloudtrail_monitoring.settings, cloudtrail_monitoring.environments, sys;"
        "print(sorted({name.split('.')[0] for name in sys.modules} & {'cdktf', 'constructs', 'jsii'}))"
    )
    assert imported == "[]"


@pytest.mark.parametrize("first", ["cdktf", "constructs", "sys"])
def test_only_the_submodules_in_use_are_loaded(first: str) -> None:
    count = run(
        f"import cloudtrail_monitoring, sys, {first}\n"
        "from cdktf_cdktf_provider_aws.sns_topic import SnsTopic\n"
        "print(sum(name.startswith('cdktf_cdktf_provider_aws.') for name in sys.modules))"
    )
    assert int(count) < 10


def test_submodules_are_attributes_of_the_package() -> None:
    name = run(
        "import cloudtrail_monitoring, cdktf_cdktf_provider_aws\n"
        "print(cdktf_cdktf_provider_aws.sns_topic.SnsTopic.__name__)\n"
    )
    assert name == "SnsTopic"


def test_what_the_package_lacks_is_an_attribute_error() -> None:
    message = run(
        "import cloudtrail_monitoring, cdktf_cdktf_provider_aws\n"
        "try: cdktf_cdktf_provider_aws.no_such_service\n"
        "except AttributeError as error: print(error)"
    )
    assert "no_such_service" in message


@pytest.mark.parametrize(("value", "lazy"), [("1", "False"), ("0", "True"), ("", "True")])
def test_a_variable_chooses_the_stock_bindings(value: str, lazy: str) -> None:
    program = "from cloudtrail_monitoring import bindings; print(bindings.load_lazily())"
    assert run(program, **{STOCK: value}) == lazy


@pytest.mark.parametrize(
    "first",
    [
        pytest.param("import cloudtrail_monitoring, cdktf_cdktf_provider_aws", id="bindings before cdktf"),
        pytest.param("import cdktf, cloudtrail_monitoring", id="cdktf first"),
        pytest.param("import jsii, cloudtrail_monitoring", id="jsii first"),
        pytest.param("import cloudtrail_monitoring, cdktf", id="cloudtrail_monitoring first"),
    ],
)
def test_any_order_of_imports_works(first: str) -> None:
    run(f"{first}\n{ONE_TOPIC}")


def test_node_options_of_the_caller_stay() -> None:
    options = run(
        "from cloudtrail_monitoring import bindings; bindings.load_lazily(); bindings.load_lazily()\n"
        "import os; print(os.environ['NODE_OPTIONS'])",
        NODE_OPTIONS="--no-warnings",
    )
    assert options.startswith("--no-warnings ")
    assert options.count("--require") == 1


def test_a_node_chosen_by_the_caller_stays() -> None:
    chosen = run(
        "from cloudtrail_monitoring import bindings; bindings.load_lazily(); import os; print(os.environ['JSII_NODE'])",
        JSII_NODE="/somewhere/node",
    )
    assert chosen == "/somewhere/node"


def test_a_package_of_another_shape_is_imported_as_it_is(tmp_path: Path) -> None:
    package = tmp_path / "cdktf_cdktf_provider_aws"
    package.mkdir()
    (package / "__init__.py").write_text("SHAPE = 'new'\n")
    shape = run(
        "from cloudtrail_monitoring import bindings; assert not bindings.load_lazily()\n"
        "import cdktf_cdktf_provider_aws; print(cdktf_cdktf_provider_aws.SHAPE)",
        PYTHONPATH=str(tmp_path),
    )
    assert shape == "new"
