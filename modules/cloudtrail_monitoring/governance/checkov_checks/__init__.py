"""The requirements as Checkov checks: a directory for ``checkov --external-checks-dir`` (see docs/checks.md).

The folder stands alone: it needs Checkov and nothing of this package, so it also guards Terraform written by hand
(``checkov -d . --external-checks-dir <this folder>``). Checkov puts the folder on ``sys.path`` and runs each file in
it, which is why the files import each other by bare name and all carry the prefix ``ctm_``. What a verdict is made of,
and waivers, belong to ``governance.scan``.
"""
