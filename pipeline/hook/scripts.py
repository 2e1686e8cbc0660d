"""Scripts with which other programs call the hook, ready to be saved.

Sources: gphoto2's manual page (`--hook-script`), the AppleScript dictionary of Capture One
(`CO_CaptureDone`), darktable's Lua manual (`post-import-image`), and digiCamControl's plug-in
"Execute File".
"""

from __future__ import annotations

import os
import shlex
import shutil
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

__all__ = ["SCRIPTS", "command_words", "script_for"]

_GPHOTO2: Final = """\
#!/bin/sh
# Called by gphoto2 with every photograph:
#   gphoto2 --capture-tethered --hook-script=THIS_FILE --filename='%Y%m%d-%H%M%S-%f.%C'
# Save it, and make it executable (chmod +x THIS_FILE). What is on the table is said with
#   pipeline table SKU
exec {command}
"""

_CAPTURE_ONE: Final = """\
-- Called by Capture One with every capture. Save it as
--   ~/Library/Scripts/Capture One Scripts/Background Scripts/pipeline.scpt
-- (Script Editor, File format: Script), and let Capture One export a JPEG beside the raw file, or
-- watch its output folder instead: pipeline watch FOLDER
on CO_CaptureDone(capturedFile)
\tdo shell script {command} & " -- " & quoted form of capturedFile
end CO_CaptureDone

on CO_BatchJobFinished(jobUUID, originalFile, outputFiles)
\trepeat with outputFile in outputFiles
\t\tdo shell script {command} & " -- " & quoted form of (outputFile as text)
\tend repeat
end CO_BatchJobFinished
"""

_DARKTABLE: Final = """\
-- Called by darktable with every photograph that is imported or shot. Save it as
--   ~/.config/darktable/lua/pipeline.lua
-- and add the line  require "pipeline"  to ~/.config/darktable/luarc
local darktable = require "darktable"

local command = {command}

local function quoted(text)
  return "'" .. string.gsub(text, "'", "'\\\\''") .. "'"
end

darktable.register_event("pipeline", "post-import-image", function(event, image)
  os.execute(command .. " -- " .. quoted(image.path .. "/" .. image.filename) .. " &")
end)
"""

_DIGICAMCONTROL: Final = """\
@echo off
rem Called by digiCamControl with every photograph. Save it as pipeline-hook.cmd, then in
rem File, Settings, Plugins, "Execute File": choose it as the file, and give "%1" as parameters.
{command} -- %*
exit /b 0
"""

_TEMPLATES: Final = {
    "gphoto2": _GPHOTO2,
    "captureone": _CAPTURE_ONE,
    "darktable": _DARKTABLE,
    "digicamcontrol": _DIGICAMCONTROL,
}

SCRIPTS: Final = tuple(_TEMPLATES)


def script_for(program: str, options: Sequence[str] = ()) -> str:
    """Return the script for a program, with the paths of this installation in it.

    Args:
        program: one of `SCRIPTS`.
        options: of the hook, as words. Such a program does not see the environment of a shell.
    """
    command = [*command_words(), "hook", *options]
    if program == "digicamcontrol":
        words = " ".join(f'"{word}"' if " " in word else word for word in command)
        return _TEMPLATES[program].format(command=words).replace("\n", "\r\n")
    shell = shlex.join(command)
    if program == "captureone":
        shell = _in_quotes(shell)
    elif program == "darktable":
        shell = f"[==[{shell}]==]"
    return _TEMPLATES[program].format(command=shell)


def command_words() -> list[str]:
    """Return the words with which this installation is called from anywhere."""
    suffix = ".exe" if os.name == "nt" else ""
    beside = Path(sys.executable).with_name(f"pipeline{suffix}")
    if beside.is_file():
        return [str(beside)]
    found = shutil.which("pipeline")
    if found is not None:
        return [str(Path(found).absolute())]
    return [sys.executable, "-P", "-m", "pipeline"]


def _in_quotes(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
