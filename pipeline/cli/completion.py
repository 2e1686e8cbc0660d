"""`pipeline completion`: what makes a shell complete commands, options, SKUs and states."""

from __future__ import annotations

from typing import Final

import click

from pipeline.cli.main import EXIT_OK
from pipeline.cli.terminal import say_text

__all__ = ["SCRIPTS", "completion"]

_BASH: Final = r"""# Completion of pipeline for bash.
_pipeline_completion() {
    local kind value about
    COMPREPLY=()
    while IFS=$'\t' read -r kind value about; do
        case $kind in
            value) COMPREPLY+=("$(printf '%q' "$value")") ;;
            file) compopt -o default 2>/dev/null || COMPREPLY+=($(compgen -f -- "$2")) ;;
            folder) compopt -o dirnames 2>/dev/null || COMPREPLY+=($(compgen -d -- "$2")) ;;
        esac
    done < <(_PIPELINE_COMPLETE=bash "$1" "${COMP_WORDS[@]:1:COMP_CWORD}" 2>/dev/null)
}
complete -F _pipeline_completion pipeline
"""

_ZSH: Final = r"""#compdef pipeline
# Completion of pipeline for zsh.
_pipeline() {
    local line kind value about
    local -a described
    while IFS=$'\t' read -r kind value about; do
        case $kind in
            value) described+=("${value//:/\\:}:$about") ;;
            file) _files ;;
            folder) _files -/ ;;
        esac
    done < <(_PIPELINE_COMPLETE=zsh "${words[1]}" "${(@Q)words[2,CURRENT]}" 2>/dev/null)
    (( ${#described} )) && _describe -t pipeline pipeline described
}
if [[ ${zsh_eval_context[-1]} == loadautofunc ]]; then
    _pipeline "$@"
else
    compdef _pipeline pipeline
fi
"""

_FISH: Final = r"""# Completion of pipeline for fish.
function __pipeline_completion
    set -l words (commandline -opc) (commandline -ct)
    for line in (env _PIPELINE_COMPLETE=fish $words 2>/dev/null)
        set -l parts (string split -m 2 \t -- $line)
        switch $parts[1]
            case value
                printf '%s\t%s\n' $parts[2] $parts[3]
            case file
                __fish_complete_path $words[-1]
            case folder
                __fish_complete_directories $words[-1]
        end
    end
end
complete -c pipeline -f -a '(__pipeline_completion)'
"""

# Windows PowerShell hands no empty word to a program, so the words go another way. Where nothing
# is answered it completes files by itself.
_POWERSHELL: Final = r"""# Completion of pipeline for PowerShell.
Register-ArgumentCompleter -Native -CommandName pipeline -ScriptBlock {
    param($wordToComplete, $commandAst, $cursorPosition)
    $words = @($commandAst.CommandElements | Select-Object -Skip 1 |
        Where-Object { $_.Extent.StartOffset -lt $cursorPosition } |
        ForEach-Object { if ($_.Value) { $_.Value } else { $_.ToString() } })
    if ("$wordToComplete" -eq '') { $words += '' }
    $env:_PIPELINE_COMPLETE = 'powershell'
    $env:_PIPELINE_WORDS = $words -join "`n"
    try {
        & $commandAst.CommandElements[0].Value 2>$null | ForEach-Object {
            $kind, $value, $about = $_ -split "`t", 3
            if ($kind -eq 'value') {
                if (-not $about) { $about = $value }
                $text = if ($value -match '^[\w.,:=/+-]+$') { $value } else {
                    "'" + $value.Replace("'", "''") + "'"
                }
                [System.Management.Automation.CompletionResult]::new(
                    $text, $value, 'ParameterValue', $about)
            }
        }
    } finally {
        Remove-Item Env:_PIPELINE_COMPLETE, Env:_PIPELINE_WORDS
    }
}
"""

SCRIPTS: Final = {"bash": _BASH, "zsh": _ZSH, "fish": _FISH, "powershell": _POWERSHELL}


@click.command()
@click.argument("shell", type=click.Choice(list(SCRIPTS)))
def completion(shell: str) -> int:
    r"""Print what makes SHELL complete commands, options, SKUs, products and states.

    Write it into a file that the shell reads: `pipeline completion bash > FILE`.

    \b
    bash:        ~/.local/share/bash-completion/completions/pipeline
    zsh:         _pipeline, in a folder of $fpath
    fish:        ~/.config/fish/completions/pipeline.fish
    powershell:  the end of the file that $PROFILE names
    """
    say_text(SCRIPTS[shell])
    return EXIT_OK
