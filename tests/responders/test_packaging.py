"""What Lambda gets: the same bytes from any machine, nothing that is not meant, and everything that runs there."""

import base64
import hashlib
import io
import os
import subprocess
import sys
import zipfile
from importlib import metadata, util
from pathlib import Path

import pytest

from cloudtrail_monitoring.responders import packaging
from cloudtrail_monitoring.responders.names import FUNCTIONS
from cloudtrail_monitoring.responders.packaging import (
    COUNTRY_FILE,
    DISTRIBUTIONS,
    MAX_UNZIPPED_BYTES,
    RUNTIME_PACKAGE,
    Archive,
    country_layer,
    dependency_layer,
    runtime_archive,
    zipped,
)
from cloudtrail_monitoring.validation import SettingsError

RUNTIME = Path(packaging.__file__).parent / "runtime"
FOLDER = RUNTIME_PACKAGE.replace(".", "/")
# boto3 and what it needs, as Lambda's runtime brings them
OF_LAMBDA = ("boto3", "botocore", "dateutil", "s3transfer", "six", "urllib3")


def entries(archive: Archive) -> list[zipfile.ZipInfo]:
    with zipfile.ZipFile(archive.path) as read:
        assert read.testzip() is None
        return read.infolist()


def built_anew() -> tuple[bytes, bytes]:
    runtime_archive.cache_clear()
    dependency_layer.cache_clear()
    return runtime_archive().path.read_bytes(), dependency_layer().path.read_bytes()


class TestBytes:
    def test_two_builds_are_the_same_whatever_the_times_of_the_files(self) -> None:
        before = built_anew()
        source = RUNTIME / "__init__.py"
        times = source.stat()
        try:
            os.utime(source, (0, 0))
            assert built_anew() == before
        finally:
            os.utime(source, ns=(times.st_atime_ns, times.st_mtime_ns))

    def test_two_processes_at_once_build_the_same(self) -> None:
        program = (
            "from cloudtrail_monitoring.responders.packaging import *\n"
            "print(runtime_archive().source_code_hash, dependency_layer().source_code_hash)"
        )
        processes = [
            subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE, text=True) for _ in range(2)
        ]
        printed = {process.communicate()[0].strip() for process in processes}
        assert printed == {f"{runtime_archive().source_code_hash} {dependency_layer().source_code_hash}"}

    @pytest.mark.parametrize("build", [runtime_archive, dependency_layer])
    def test_entries_tell_nothing_of_the_machine(self, build: object) -> None:
        archive = build()  # type: ignore[operator]
        found = entries(archive)
        assert [one.filename for one in found] == sorted(one.filename for one in found)
        for one in found:
            assert one.date_time == (1980, 1, 1, 0, 0, 0)
            assert one.external_attr >> 16 == 0o100644
            assert one.create_system == 3
            # what compression makes differs between versions of zlib
            assert one.compress_type == zipfile.ZIP_STORED
        digest = base64.b64encode(hashlib.sha256(archive.path.read_bytes()).digest()).decode()
        assert archive.source_code_hash == digest

    def test_the_order_of_the_files_is_of_no_account(self) -> None:
        def archive(files: dict[str, bytes]) -> bytes:
            buffer = io.BytesIO()
            with zipfile.ZipFile(buffer, "w") as written:
                for entry, content in zipped(files):
                    written.writestr(entry, content)
            return buffer.getvalue()

        assert archive({"a": b"1", "b": b"2"}) == archive({"b": b"2", "a": b"1"})
        assert archive({"a": b"1"}) != archive({"a": b"2"})

    def test_nobody_else_may_write_where_archives_lie(self) -> None:
        assert runtime_archive().path.parent.stat().st_mode & 0o077 == 0


class TestContents:
    def test_the_code_is_runtime_and_no_more(self) -> None:
        names = {one.filename for one in entries(runtime_archive())}
        assert names == {f"{FOLDER}/{path.relative_to(RUNTIME).as_posix()}" for path in RUNTIME.rglob("*.py")}

    @pytest.mark.parametrize("name", FUNCTIONS)
    def test_every_function_has_its_module(self, name: str) -> None:
        module = f"{FOLDER}/{name.replace('-', '_')}.py"
        with zipfile.ZipFile(runtime_archive().path) as archive:
            assert b"def handler(" in archive.read(module)

    def test_the_layer_is_python_and_time_zones(self) -> None:
        names = [one.filename for one in entries(dependency_layer())]
        assert {name.split("/")[0] for name in names} == {"python"}
        tops = {name.split("/")[1] for name in names}
        packages = {"aws_lambda_powertools", "jmespath", "maxminddb", "typing_extensions.py", "tzdata"}
        assert packages == {top for top in tops if not top.endswith(".dist-info")}
        for name in names:
            known = name.endswith(".py") or ".dist-info/" in name or name.startswith("python/tzdata/")
            assert known, name
            assert not name.endswith((".so", ".pyc", ".pyd")), name

    def test_versions_and_licences_come_along(self) -> None:
        names = [one.filename for one in entries(dependency_layer())]
        for distribution in DISTRIBUTIONS:
            version = metadata.version(distribution)
            own = [name for name in names if f"{distribution.replace('-', '_')}-{version}.dist-info/" in name]
            assert any(name.endswith("METADATA") for name in own), distribution
            assert any("LICENSE" in name for name in own), distribution

    def test_all_of_it_is_within_lambda_s_limit(self) -> None:
        size = sum(one.file_size for archive in (runtime_archive(), dependency_layer()) for one in entries(archive))
        assert 0 < size < MAX_UNZIPPED_BYTES

    def test_a_file_that_is_not_what_was_installed_is_refused(self, monkeypatch: pytest.MonkeyPatch) -> None:
        read = Path.read_bytes

        def tampered(path: Path) -> bytes:
            return read(path) + (b"# tampered" if path.name == "typing_extensions.py" else b"")

        monkeypatch.setattr(Path, "read_bytes", tampered)
        dependency_layer.cache_clear()
        with pytest.raises(SettingsError, match=r"typing_extensions\.py is not what was installed"):
            dependency_layer()

    def test_a_package_that_is_not_there_is_named(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(packaging, "DISTRIBUTIONS", ("no-such-package",))
        dependency_layer.cache_clear()
        with pytest.raises(SettingsError, match="responders need no-such-package"):
            dependency_layer()


class TestCountries:
    MMDB = b"tree and data" + b"\xab\xcd\xefMaxMind.com" + b"metadata"

    def test_the_database_lies_where_the_function_looks(self, tmp_path: Path) -> None:
        # R-RSP-4
        database = tmp_path / "own.mmdb"
        database.write_bytes(self.MMDB)
        [entry] = entries(country_layer(database))
        assert f"/opt/{entry.filename}" == COUNTRY_FILE
        with zipfile.ZipFile(country_layer(database).path) as archive:
            assert archive.read(entry) == self.MMDB

    @pytest.mark.parametrize(
        ("content", "said"),
        [(None, "No such file"), (b"", "is no MaxMind database"), (b"PK", "is no MaxMind database")],
    )
    def test_another_file_is_refused(self, content: bytes | None, said: str, tmp_path: Path) -> None:
        database = tmp_path / "own.mmdb"
        if content is not None:
            database.write_bytes(content)
        with pytest.raises(SettingsError, match=rf"responders\.geography\.database.*{said}"):
            country_layer(database)


@pytest.fixture(autouse=True)
def _forget_what_was_patched() -> None:
    dependency_layer.cache_clear()


def test_every_module_runs_on_the_archives_and_boto3_alone(tmp_path: Path) -> None:
    for archive in (runtime_archive(), dependency_layer()):
        with zipfile.ZipFile(archive.path) as read:
            read.extractall(tmp_path / "opt")
    of_lambda = tmp_path / "lambda"
    of_lambda.mkdir()
    for name in OF_LAMBDA:
        spec = util.find_spec(name)
        assert spec is not None
        assert spec.origin is not None
        origin = Path(spec.origin)
        source = origin.parent if origin.name == "__init__.py" else origin
        (of_lambda / source.name).symlink_to(source)
    modules = [f"{RUNTIME_PACKAGE}.{path.stem}" for path in sorted(RUNTIME.glob("*.py")) if path.name != "__init__.py"]
    program = f"""
import importlib, sys
sys.path += [{str(tmp_path / "opt")!r}, {str(tmp_path / "opt" / "python")!r}, {str(of_lambda)!r}]
for name in {modules!r}:
    importlib.import_module(name)
import boto3, maxminddb, zoneinfo
zoneinfo.reset_tzpath(to=[])
assert str(zoneinfo.ZoneInfo("America/New_York")) == "America/New_York"
# its reader in C is left out, and the one in Python takes its place
assert maxminddb._extension is None
assert maxminddb.open_database.__module__ == "maxminddb"
outside = [
    name for name, module in sys.modules.items()
    if "site-packages" in (getattr(module, "__file__", None) or "") and name.split(".")[0] not in {OF_LAMBDA!r}
]
assert not outside, outside
print(len({modules!r}))
"""
    done = subprocess.run(
        [sys.executable, "-I", "-S", "-c", program],
        capture_output=True,
        text=True,
        env={"AWS_DEFAULT_REGION": "us-east-1", "POWERTOOLS_SERVICE_NAME": "test"},
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert int(done.stdout.split()[-1]) == len(modules) > 0
