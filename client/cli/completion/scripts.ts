// The completion scripts of bash, zsh and fish: each asks the program, and evaluates no answer.
export const shells = ['bash', 'zsh', 'fish'] as const;
export type Shell = (typeof shells)[number];

// The first line of an answer says what follows: `files`, or `words` with one candidate a line,
// behind a tab what it is. Words for bash are quoted already, as it inserts them as they are.

/** https://www.gnu.org/software/bash/manual/html_node/Programmable-Completion.html */
const bash = `# Completion of signalbox for bash; to install it put into ~/.bashrc:
#   eval "$(signalbox completion bash)"
_signalbox() {
  local line kind=''
  COMPREPLY=()
  while IFS= read -r line; do
    if [ -z "$kind" ]; then kind=$line; else COMPREPLY+=("$line"); fi
  done < <(command signalbox completion bash -- "\${COMP_LINE:0:COMP_POINT}" \\
    "\${COMP_WORDS[COMP_CWORD]}" 2>/dev/null)
  if [ "$kind" = files ]; then
    compopt -o filenames 2>/dev/null
    while IFS= read -r line; do COMPREPLY+=("$line"); done \\
      < <(compgen -f -- "\${COMP_WORDS[COMP_CWORD]}")
  fi
}
complete -F _signalbox signalbox
`;

/** https://zsh.sourceforge.io/Doc/Release/Completion-Widgets.html */
const zsh = `#compdef signalbox
# Completion of signalbox for zsh; install it as _signalbox in a directory of $fpath, or
# eval "$(signalbox completion zsh)" behind compinit in ~/.zshrc
_signalbox() {
  local line
  local -a lines values shown
  local -a typed=("\${(@Q)words[2,CURRENT]}")
  lines=("\${(@f)$(command signalbox completion zsh -- "\${(@)typed}" 2>/dev/null)}")
  if [[ $lines[1] == files ]]; then
    _files
    return
  fi
  for line in "\${(@)lines[2,-1]}"; do
    [[ -n $line ]] || continue
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  -- }")
  done
  (( $#values )) && compadd -l -d shown -a values
}
if [[ $zsh_eval_context[-1] == loadautofunc ]]; then
  _signalbox "$@"
else
  compdef _signalbox signalbox
fi
`;

/** https://fishshell.com/docs/current/completions.html */
const fish = `# Completion of signalbox for fish; install it as
#   ~/.config/fish/completions/signalbox.fish
function __signalbox_complete
  set -l typed (commandline -opc)
  set -e typed[1]
  set -l current (commandline -ct)
  set -l lines (command signalbox completion fish -- $typed "$current" 2>/dev/null)
  set -l kind $lines[1]
  set -e lines[1]
  if test "$kind" = files
    __fish_complete_path "$current"
  else if set -q lines[1]
    printf '%s\\n' $lines
  end
end
complete -c signalbox -f -a '(__signalbox_complete)'
`;

/** The script of each shell. */
export const completionScripts: Readonly<Record<Shell, string>> = { bash, zsh, fish };
