/** What a shell should offer for one command. */
export type CompletedCommand = {
  readonly name: string
  readonly description: string
  readonly options: readonly CompletedOption[]
  /** What may stand where, in order: fixed words, or the names of the chain's nodes. */
  readonly positionals: readonly Choices[]
}

/** An option; `value` absent = it takes none. */
export type CompletedOption = { readonly name: string; readonly description: string; readonly value?: Choices }

/** Fixed words, the nodes of the chain, files, or nothing that could be known. */
export type Choices = readonly string[] | 'nodes' | 'files' | 'any'

export const shells = ['bash', 'zsh', 'fish'] as const
export type Shell = (typeof shells)[number]

/** The program asks itself for the names of nodes: they are in the configuration that a command would use. */
const NODES = 'baton completion nodes 2>/dev/null'

/** The completion script of a shell, to be sourced. */
export function completionScript(shell: Shell, commands: readonly CompletedCommand[]): string {
  return { bash, zsh, fish }[shell](commands)
}

const words = (choices: Choices | undefined): string => {
  if (choices === 'nodes') return `$(${NODES})`
  return choices === undefined || choices === 'any' || choices === 'files' ? '' : choices.join(' ')
}

function bash(commands: readonly CompletedCommand[]): string {
  const cases = commands.map(({ name, options, positionals }) => {
    const values = options
      .filter(({ value }) => value !== undefined)
      .map(({ name, value }) => `        --${name}) ${offer(value)}; return ;;`)
    const places = positionals.map((choices, i) => `        ${i}) ${offer(choices)} ;;`)
    return [
      `    ${name})`,
      '      case $prev in',
      ...values,
      '      esac',
      `      if [[ $cur == -* ]]; then COMPREPLY=($(compgen -W "${options.map((option) => `--${option.name}`).join(' ')}" -- "$cur")); return; fi`,
      '      case $place in',
      ...places,
      '      esac ;;',
    ].join('\n')
  })
  return `# bash completion of baton: source <(baton completion bash)
_baton() {
  local cur=\${COMP_WORDS[COMP_CWORD]} prev=\${COMP_WORDS[COMP_CWORD-1]} verb= place=0 i
  COMPREPLY=()
  # bash takes "--to=x" apart.
  if [[ $cur == = ]]; then cur=; fi
  if [[ $prev == = ]]; then prev=\${COMP_WORDS[COMP_CWORD-2]}; fi
  for ((i = 1; i < COMP_CWORD; i++)); do
    case \${COMP_WORDS[i]} in
      -* | =) ;;
      *) if [[ -z $verb ]]; then verb=\${COMP_WORDS[i]}; elif [[ \${COMP_WORDS[i-1]} != -* && \${COMP_WORDS[i-1]} != = ]]; then place=$((place + 1)); fi ;;
    esac
  done
  case $verb in
    '') COMPREPLY=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$cur")) ;;
${cases.join('\n')}
  esac
}
complete -F _baton baton`

  function offer(choices: Choices | undefined): string {
    if (choices === 'files') return 'COMPREPLY=($(compgen -f -- "$cur"))'
    return `COMPREPLY=($(compgen -W "${words(choices)}" -- "$cur"))`
  }
}

/** Single quotes of a shell. */
const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`

function zsh(commands: readonly CompletedCommand[]): string {
  const plain = (text: string) => text.replace(/[[\]:]/g, ' ')
  const action = (choices: Choices | undefined): string => {
    if (choices === 'files') return '_files'
    if (choices === 'nodes') return `($(${NODES}))`
    return choices === undefined || choices === 'any' ? ' ' : `(${choices.join(' ')})`
  }
  const cases = commands.map(({ name, options, positionals }) => {
    const specs = [
      ...options.map(({ name, description, value }) =>
        value === undefined
          ? quoted(`--${name}[${plain(description)}]`)
          : `"--${name}=[${plain(description).replace(/["`$\\]/g, ' ')}]:value:${action(value)}"`,
      ),
      ...positionals.map((choices, i) => `"${i + 1}::word:${action(choices)}"`),
    ]
    return `    ${name})\n      _arguments ${specs.join(' \\\n        ')} ;;`
  })
  const named = commands.map(({ name, description }) => quoted(`${name}:${plain(description)}`))
  return `#compdef baton
# zsh completion of baton: source <(baton completion zsh)
_baton() {
  local -a verbs
  verbs=(
    ${named.join('\n    ')}
  )
  if ((CURRENT == 2)); then _describe command verbs; return; fi
  local verb=$words[2]
  shift words
  ((CURRENT--))
  case $verb in
${cases.join('\n')}
  esac
}
(( $+functions[compdef] )) || { autoload -Uz compinit && compinit; }
compdef _baton baton`
}

function fish(commands: readonly CompletedCommand[]): string {
  const lines = commands.flatMap(({ name, description, options, positionals }) => {
    const when = `-n ${quoted(`__fish_seen_subcommand_from ${name}`)}`
    return [
      `complete -c baton -n __fish_use_subcommand -a ${name} -d ${quoted(description)}`,
      ...options.map(({ name, description, value }) => {
        const takes = value === undefined ? '' : ` -r${value === 'files' ? ' -F' : from(value)}`
        return `complete -c baton ${when} -l ${name} -d ${quoted(description)}${takes}`
      }),
      ...positionals.map((choices) => `complete -c baton ${when}${choices === 'files' ? ' -F' : from(choices)}`),
    ]
  })
  return `# fish completion of baton: baton completion fish | source\ncomplete -c baton -f\n${lines.join('\n')}`

  function from(choices: Choices): string {
    if (choices === 'nodes') return ` -a ${quoted(`(${NODES})`)}`
    return choices === 'any' || choices === 'files' ? '' : ` -a ${quoted(choices.join(' '))}`
  }
}
