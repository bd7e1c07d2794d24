import type { ArgsDef, CommandMeta } from 'citty'
import { wrap } from '../lib/terminal/wrap.ts'
import { exitCodes } from './errors.ts'

/** The commands in the groups of the overview. */
export const groups = {
  'SEE WHAT IS GOING ON': ['status', 'watch', 'explain', 'history'],
  'ACT ON SEQUENCING': ['switchover', 'pause', 'resume', 'hold', 'quarantine', 'adopt'],
  'REPAIR AND UPGRADE': ['backfill', 'recover', 'upgrade', 'disaster', 'resequence'],
  'SET UP AND RUN': ['import', 'config', 'doctor', 'start', 'gate', 'monitor'],
  PRACTISE: ['fault', 'drill'],
  'THIS PROGRAM': ['completion', 'help', 'version'],
} as const

/** Calls as an operator makes them, by command; each with what it does. */
const examples: Readonly<Record<string, readonly (readonly [call: string, does: string])[]>> = {
  start: [
    ['baton start', 'a simulated chain of three nodes, and the page'],
    ['baton start --config chain.json', 'real nodes'],
  ],
  status: [
    ['baton status', 'the chain that "baton start" runs in this folder'],
    ['baton status --config ssm:/baton/prod/chains/901/config', 'a deployed chain'],
  ],
  history: [['baton history --limit 5', 'the last five acts']],
  switchover: [
    ['baton switchover --dry-run', 'where it would move, or why not'],
    ['baton switchover --to seq-b', 'to seq-b, and wait until it leads'],
    ['baton switchover --at 2026-12-01T04:00:00Z', 'in a maintenance window'],
  ],
  hold: [['baton hold seq-a', 'while seq-a leads']],
  quarantine: [
    ['baton quarantine seq-c --why "disk replaced"', 'nothing is moved to it'],
    ['baton quarantine seq-c --lift', 'it is eligible again'],
  ],
  recover: [['baton recover seq-a --dry-run', 'the damage and the repair; changes nothing']],
  disaster: [
    ['baton disaster survey', 'what is left of the chain; changes nothing'],
    ['baton disaster re-seed --confirm 0x… --dry-run', 'what the act would do'],
  ],
  fault: [['baton fault ada kill-consensus', 'then watch the failover: baton watch']],
  import: [
    ['baton import op-conductor --config config.toml --out chain.json', "from op-conductor-ops' file"],
    ['baton import op-conductor --flags seq-a.env,seq-b.env', 'from what each op-conductor runs with'],
  ],
  doctor: [
    ['baton doctor --config chain.json', 'before anything is changed'],
    ['baton doctor --config chain.json --gate http://10.0.0.4:8547 --wired', 'after the standbys were restarted'],
  ],
  config: [['baton config check chain.yaml', 'every invalid field, with what to write']],
  completion: [
    ['source <(baton completion bash)', 'in ~/.bashrc; the same with zsh in ~/.zshrc'],
    ['baton completion fish | source', 'in ~/.config/fish/config.fish'],
  ],
}

type Row = readonly [term: string, meaning: string]

/** The help of one command, at most `width` characters wide. */
export function renderHelp(
  name: string,
  { description = '' }: CommandMeta,
  args: ArgsDef,
  width = Number.POSITIVE_INFINITY,
): string {
  const entries = Object.entries(args)
  const positional = entries.filter(([, { type }]) => type === 'positional')
  const words = positional.map(([word, { required }]) =>
    required === false ? `[${word.toUpperCase()}]` : `<${word.toUpperCase()}>`,
  )
  const options = entries.filter(([, { type }]) => type !== 'positional')
  const required = options.filter(([, { required }]) => required === true).map(([option, arg]) => term(option, arg))
  const usage = ['baton', name, '[OPTIONS]', ...required, ...words].join(' ')
  return [
    wrap(`${description} (baton ${name})`, width),
    `USAGE ${usage}`,
    ...section(
      'ARGUMENTS',
      positional.map(([word, { description = '' }]) => [word.toUpperCase(), description]),
      width,
    ),
    ...section(
      'OPTIONS',
      options.map(([option, arg]) => [term(option, arg), meaning(arg)]),
      width,
    ),
    ...section('EXAMPLES', examples[name] ?? [], width),
    'Exit codes: see "baton help".',
  ].join('\n\n')
}

/** The overview of all commands, in groups, at most `width` characters wide. */
export function renderOverview(descriptions: Readonly<Record<string, string>>, width: number): string {
  const codes = Object.values(exitCodes).map(({ code, meaning }): Row => [String(code), meaning])
  return [
    'Decides which sequencer of a rollup may publish the next block (baton)',
    'USAGE baton <command> [OPTIONS]',
    ...Object.entries(groups).flatMap(([title, names]) =>
      section(
        title,
        names.map((name) => [name, descriptions[name] ?? '']),
        width,
        12,
      ),
    ),
    wrap('Use baton <command> --help, or baton help <command>, for more about a command.', width),
    ...section('EXIT CODES', codes, width, 3),
  ].join('\n\n')
}

function term(option: string, arg: ArgsDef[string]): string {
  const hint = 'valueHint' in arg && arg.valueHint !== undefined ? `=<${arg.valueHint}>` : ''
  return arg.type === 'boolean' ? `--${option}` : `--${option}${hint}`
}

const meaning = (arg: ArgsDef[string]): string =>
  'default' in arg && arg.default !== undefined
    ? `${arg.description ?? ''} (default: ${arg.default})`
    : (arg.description ?? '')

/** Two columns under a title. A term that is too long for its column has a line of its own on a narrow terminal. */
function section(title: string, rows: readonly Row[], width: number, least = 0): string[] {
  if (rows.length === 0) return []
  const longest = Math.max(least, ...rows.map(([word]) => word.length))
  const column = Number.isFinite(width) ? Math.min(longest, Math.max(least, 20)) : longest
  const indent = ' '.repeat(column + 4)
  const lines = rows.map(([word, meaning]) => {
    const text = wrap(`${indent}${meaning}`.trimStart(), width - indent.length).replaceAll('\n', `\n${indent}`)
    return word.length > column ? `  ${word}\n${indent}${text}` : `  ${word.padEnd(column)}  ${text}`
  })
  return [`${title}\n\n${lines.join('\n')}`]
}
