"""A power cut on real files: what no fsync made safe is gone, or is there in part.

`power.c`, preloaded into a process, keeps what is safe; `Disk.cut()` puts it in the place of what
the process has written. A file keeps its inode over the cut, as it would on a disk.
"""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path
from typing import Final

SECTOR: Final = 512
"""Bytes that a disk writes wholly or not at all."""


def built(folder: Path) -> Path:
    """The library to preload, compiled."""
    library = folder / "power.so"
    source = Path(__file__).with_name("power.c")
    flags = ["-O1", "-Wall", "-Wextra", "-Werror", "-shared", "-fPIC"]
    subprocess.run(["gcc", *flags, "-o", library, source, "-ldl"], check=True)
    return library


class Disk:
    """The files of one folder, without folders in it, on a disk whose power can fail."""

    def __init__(self, folder: Path, shadow: Path) -> None:
        self.folder: Final = folder
        self.shadow: Final = shadow
        """What `power.c` knows to be safe; a process is told by `POWER_SHADOW`."""

    def settle(self) -> None:
        """All that is there now is safe. Nobody has the files open."""
        for old in self.shadow.iterdir():
            old.unlink()
        names: list[str] = []
        for path in self.folder.iterdir():
            inode = path.stat().st_ino
            (self.shadow / f"content-{inode}").write_bytes(path.read_bytes())
            os.link(path, self.shadow / f"held-{inode}")
            names.append(f"{inode} {path.name}\n")
        (self.shadow / f"names-{self.folder.stat().st_ino}").write_text("".join(names))

    def cut(self, seed: int | None = None) -> list[str]:
        """The power fails, after the processes are gone; the names of the files that lost something.

        Of what was not safe, all is lost; with a seed, each sector of it is there or not.
        """
        kept = (self.shadow / f"names-{self.folder.stat().st_ino}").read_text()
        safe = {name: int(inode) for inode, name in map(str.split, kept.splitlines())}
        now = {path.name: path for path in self.folder.iterdir()}
        damaged = [name for name in now if name not in safe]
        for name, inode in safe.items():
            held = self.shadow / f"held-{inode}"
            path = now.get(name)
            if path is None or path.stat().st_ino != inode:
                if not held.exists():
                    continue  # never synced, and removed since: who could tell it from an empty one
                path = held
            content = self.shadow / f"content-{inode}"
            before = path.read_bytes()
            after = content.read_bytes() if content.exists() else b""
            if seed is not None:
                after = _mixed(after, before, random.Random(f"{seed} {name}"))
            if after != before:
                damaged.append(name)
            path.write_bytes(after)
            if path is held:
                (self.folder / name).unlink(missing_ok=True)
                os.link(held, self.folder / name)
        for name in now.keys() - safe.keys():
            now[name].unlink()
        return sorted(damaged)


def _mixed(safe: bytes, written: bytes, chance: random.Random) -> bytes:
    """`safe`, with some sectors as they were written since. A file's end is safe or not, too."""
    size = len(written) if chance.random() < 0.5 else len(safe)
    found = bytearray(size)
    for at in range(0, size, SECTOR):
        source = written if chance.random() < 0.5 else safe
        sector = source[at : at + SECTOR][: size - at]
        found[at : at + len(sector)] = sector
    return bytes(found)
