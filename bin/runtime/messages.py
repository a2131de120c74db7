"""Compiled translations, made again where the source is newer."""

import subprocess

from runtime.home import ROOT, Refused


def compile_messages() -> None:
    for source in ROOT.glob("locale/*/LC_MESSAGES/*.po"):
        target = source.with_suffix(".mo")
        if target.exists() and target.stat().st_mtime >= source.stat().st_mtime:
            continue
        done = subprocess.run(
            ["msgfmt", "--check-format", "-o", str(target), str(source)], capture_output=True, text=True
        )
        if done.returncode:
            raise Refused(f"{source.relative_to(ROOT)} cannot be compiled:\n{done.stderr}")
