"""Builds what Lambda gets: an archive of ``runtime`` and a layer of the packages it needs, the same bytes everywhere.

The layer is made of the distributions that are installed, which the lock file pins by hash: no pip and no network at
synth. Each file is compared with the hash its distribution recorded, so that one changed since is not shipped. Only
Python files are taken, and the data of ``tzdata``: they run on every architecture and Python version alike.

Entries are stored and not compressed, because what compression makes differs between versions of zlib. The archives lie
in a folder of this process that nobody else may write to, until it ends.

https://docs.aws.amazon.com/lambda/latest/dg/python-package.html
https://docs.aws.amazon.com/lambda/latest/dg/python-layers.html
"""

import atexit
import base64
import hashlib
import shutil
import tempfile
import zipfile
from collections.abc import Iterator, Mapping
from functools import lru_cache
from importlib import metadata
from pathlib import Path
from typing import NamedTuple

from cloudtrail_monitoring.validation import SettingsError

RUNTIME_PACKAGE = "cloudtrail_monitoring.responders.runtime"
DISTRIBUTIONS = ("aws-lambda-powertools", "jmespath", "maxminddb", "typing_extensions", "tzdata")
"""What ``runtime`` imports, and what these import; boto3 comes with Lambda."""
MAX_UNZIPPED_BYTES = 250 * 2**20
"""Function and layers together. https://docs.aws.amazon.com/lambda/latest/dg/gettingstarted-limits.html"""
LAYER_FOLDER = "python"
"""Where Lambda looks for the packages of a layer."""

COUNTRY_FILE = "/opt/countries.mmdb"
"""Where the function finds the country database: Lambda unpacks layers below ``/opt``."""

_RUNTIME = Path(__file__).parent / "runtime"
_DATA_OF = "tzdata"
# https://maxmind.github.io/MaxMind-DB/#database-metadata
_MMDB_MARK = b"\xab\xcd\xefMaxMind.com"
_MMDB_END_BYTES = 128 * 1024
_EARLIEST = (1980, 1, 1, 0, 0, 0)
"""The first time a zip can hold."""
_UNIX = 3
_FILE_RW_R_R = 0o100644 << 16


class Archive(NamedTuple):
    """A zip on disk."""

    path: Path
    source_code_hash: str
    """As Lambda and Terraform compare it: SHA-256 in base64."""


@lru_cache(maxsize=1)
def runtime_archive() -> Archive:
    """The functions' own code, under the names by which it imports itself.

    The packages above ``runtime`` are left out: without a file of their own Python takes them as namespaces.
    """
    folder = RUNTIME_PACKAGE.replace(".", "/")
    files = {
        f"{folder}/{path.relative_to(_RUNTIME).as_posix()}": path.read_bytes()
        for path in _RUNTIME.rglob("*.py")
        if path.is_file()
    }
    return _written("runtime", files)


@lru_cache(maxsize=1)
def dependency_layer() -> Archive:
    """The installed packages that the functions need.

    Raises:
        SettingsError: if one is not installed, or a file of it is not what was installed.
    """
    return _written("dependencies", {name: content for one in DISTRIBUTIONS for name, content in _files(one)})


@lru_cache
def country_layer(database: Path) -> Archive:
    """The country database of R-RSP-4, for the function that judges logins.

    Raises:
        SettingsError: if the file can't be read, or is none in MaxMind's format.
    """
    try:
        content = database.read_bytes()
    except OSError as error:
        raise SettingsError(f"responders.geography.database: {database}: {error.strerror}") from None
    if _MMDB_MARK not in content[-_MMDB_END_BYTES:]:
        raise SettingsError(f"responders.geography.database: {database} is no MaxMind database (MMDB)")
    return _written("countries", {COUNTRY_FILE.rpartition("/")[2]: content})


def zipped(files: Mapping[str, bytes]) -> Iterator[tuple[zipfile.ZipInfo, bytes]]:
    """The entries of an archive: in order of their names, with nothing of the machine they come from."""
    for name in sorted(files):
        entry = zipfile.ZipInfo(name, _EARLIEST)
        entry.create_system = _UNIX
        entry.external_attr = _FILE_RW_R_R
        entry.compress_type = zipfile.ZIP_STORED
        yield entry, files[name]


def _files(name: str) -> Iterator[tuple[str, bytes]]:
    try:
        distribution = metadata.distribution(name)
    except metadata.PackageNotFoundError:
        raise SettingsError(f"responders need {name} in their layer, and it is not installed here") from None
    for file in distribution.files or ():
        if not _belongs(file, name):
            continue
        content = Path(str(file.locate())).read_bytes()
        # https://packaging.python.org/en/latest/specifications/recording-installed-packages/#the-record-file
        if file.hash and _digest(content, file.hash.mode) != file.hash.value:
            raise SettingsError(f"{file.locate()} is not what was installed; install {name} again: make setup")
        yield f"{LAYER_FOLDER}/{file.as_posix()}", content


def _belongs(file: metadata.PackagePath, distribution: str) -> bool:
    top = file.parts[0]
    if top == ".." or "__pycache__" in file.parts:
        return False
    if top.endswith(".dist-info"):
        # some packages read their own version, and licences go where the code goes; the rest differs by installer
        return file.name == "METADATA" or file.name.startswith("LICENSE")
    return file.suffix == ".py" or distribution == _DATA_OF


def _digest(content: bytes, algorithm: str) -> str:
    return base64.urlsafe_b64encode(hashlib.new(algorithm, content).digest()).rstrip(b"=").decode()


def _written(name: str, files: Mapping[str, bytes]) -> Archive:
    path = _folder() / f"{name}.zip"
    with zipfile.ZipFile(path, "w") as archive:
        for entry, content in zipped(files):
            archive.writestr(entry, content)
    return Archive(path, base64.b64encode(hashlib.sha256(path.read_bytes()).digest()).decode())


@lru_cache(maxsize=1)
def _folder() -> Path:
    """Not a name that another user could have taken before: what lies here is deployed."""
    folder = Path(tempfile.mkdtemp(prefix="cloudtrail-monitoring-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder
