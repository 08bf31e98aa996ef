/** The shells there is a completion for. */
export const shells = ['bash', 'zsh', 'fish'] as const

export type Shell = (typeof shells)[number]

/** What is printed in place of candidates where the shell itself knows best. */
export const FILES = ':files'

/** The script a shell reads; it asks `mq complete` for each word. Nothing it says of a failure reaches the terminal. */
export function completionScript(shell: Shell): string {
  return scripts[shell]
}

const bash = `# mq completion for bash: source <(mq completion bash)
_mq() {
  local line
  COMPREPLY=()
  while IFS= read -r line; do
    if [[ $line == '${FILES}' ]]; then
      compopt -o default 2>/dev/null
      return
    fi
    COMPREPLY+=("$line")
  done < <("\${COMP_WORDS[0]}" complete bash -- "\${COMP_LINE:0:COMP_POINT}" 2>/dev/null </dev/null)
  if [[ \${#COMPREPLY[@]} -eq 1 && \${COMPREPLY[0]} == *= ]]; then compopt -o nospace 2>/dev/null; fi
}
complete -F _mq mq
`

const zsh = `#compdef mq
# mq completion for zsh: source <(mq completion zsh), after compinit
_mq() {
  local line
  local -a values shown
  for line in "\${(@f)$("\${words[1]}" complete zsh -- "\${(@)words[2,CURRENT]}" 2>/dev/null </dev/null)}"; do
    [[ -z $line ]] && continue
    if [[ $line == '${FILES}' ]]; then
      _files
      return
    fi
    values+=("\${line%%$'\\t'*}")
    shown+=("\${line/$'\\t'/  -- }")
  done
  (( $#values )) || return 1
  compadd -l -d shown -a values
}
if [[ $funcstack[1] == _mq ]]; then _mq "$@"; else compdef _mq mq; fi
`

const fish = `# mq completion for fish: mq completion fish | source
function __mq_complete
    set -l words (commandline -opc)
    set -l answer ($words[1] complete fish -- $words[2..-1] (commandline -ct) 2>/dev/null </dev/null)
    if test "$answer" = '${FILES}'
        __fish_complete_path (commandline -ct)
    else
        printf '%s\\n' $answer
    end
end
complete -c mq -f -a '(__mq_complete)'
`

const scripts: Readonly<Record<Shell, string>> = { bash, zsh, fish }
