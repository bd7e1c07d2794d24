import { parseArgs } from 'node:util'
import { type ArgsDef, type CommandDef, runCommand } from 'citty'
import { didYouMean } from '../lib/suggest.ts'
import { exitCodes, exitOf, formatError, UsageError } from './errors.ts'
import { renderHelp, renderOverview } from './help.ts'

/** One command, loaded on use. */
type Verb = {
  /** One sentence on what it does. */
  readonly description: () => Promise<string>
  /** Its help, at most `width` characters wide. */
  readonly usage: (width?: number) => Promise<string>
  /** Its arguments, for completion. */
  readonly args: () => Promise<ArgsDef>
  /** Runs it with its arguments; resolves with the command's result. */
  readonly run: (name: string, words: readonly string[]) => Promise<unknown>
}

/** Every verb, loaded on use. */
export const commands: Readonly<Record<string, Verb>> = {
  start: verb(async () => (await import('./commands/start.ts')).start),
  status: verb(async () => (await import('./commands/status.ts')).status),
  watch: verb(async () => (await import('./commands/watch.ts')).watch),
  explain: verb(async () => (await import('./commands/explain.ts')).explain),
  history: verb(async () => (await import('./commands/history.ts')).history),
  switchover: verb(async () => (await import('./commands/acts.ts')).switchover),
  pause: verb(async () => (await import('./commands/acts.ts')).pause),
  resume: verb(async () => (await import('./commands/acts.ts')).resume),
  hold: verb(async () => (await import('./commands/acts.ts')).hold),
  quarantine: verb(async () => (await import('./commands/acts.ts')).quarantine),
  backfill: verb(async () => (await import('./commands/backfill.ts')).backfill),
  recover: verb(async () => (await import('./commands/recover.ts')).recover),
  disaster: verb(async () => (await import('./commands/disaster.ts')).disaster),
  upgrade: verb(async () => (await import('./commands/upgrade.ts')).upgrade),
  adopt: verb(async () => (await import('./commands/acts.ts')).adopt),
  resequence: verb(async () => (await import('./commands/resequence.ts')).resequence),
  gate: verb(async () => (await import('./commands/gate.ts')).gate),
  monitor: verb(async () => (await import('./commands/monitor.ts')).monitor),
  fault: verb(async () => (await import('./commands/fault.ts')).fault),
  drill: verb(async () => (await import('./commands/drill.ts')).drill),
  import: verb(async () => (await import('./commands/import.ts')).importFrom),
  doctor: verb(async () => (await import('./commands/doctor.ts')).doctor),
  config: verb(async () => (await import('./commands/config.ts')).config),
  completion: verb(async () => (await import('./commands/completion.ts')).completion),
  help: verb(async () => (await import('./commands/help.ts')).help),
  version: verb(async () => (await import('./commands/version.ts')).version),
}

/** Runs the command line and returns its exit code. Reports errors on stderr, never throws. */
export async function run(argv: readonly string[]): Promise<number> {
  const json = argv.includes('--json')
  try {
    return await dispatch(argv)
  } catch (error) {
    process.stderr.write(`${formatError(error, json)}\n`)
    return exitOf(error)
  }
}

async function dispatch(argv: readonly string[]): Promise<number> {
  const raw = argv.filter((word) => word !== '--no-color')
  if (raw.length < argv.length) {
    process.env.NO_COLOR = '1'
    delete process.env.FORCE_COLOR
  }
  const place = findVerb(raw)
  const name = raw[place]
  const wantsHelp = raw.some((word) => word === '--help' || word === '-h')
  if (name === undefined) {
    if (raw.some((word) => ['--version', '-v', '-V'].includes(word))) return await dispatch(versionOf(raw))
    if (wantsHelp) return say(await overview())
    const [stray] = raw.filter((word) => word !== '--json')
    process.stderr.write(`${await overview()}\n`)
    if (stray !== undefined) throw new UsageError(`a command must come before ${stray}`, 'See "baton help".')
    return exitCodes.usage.code
  }
  const command = commandNamed(name)
  if (wantsHelp) return say(await command.usage(helpWidth()))
  const result = await command.run(name, raw.toSpliced(place, 1))
  return typeof result === 'number' ? result : exitCodes.ok.code
}

/**
 * A command by its name.
 *
 * @throws UsageError with the name that was probably meant.
 */
export function commandNamed(name: string): Verb {
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (command) return command
  const meant = didYouMean(name, Object.keys(commands), (word) => `baton ${word}`)
  throw new UsageError(`there is no command "${name}"`, `${meant}"baton help" lists the commands.`)
}

/** `--version --json` is `version --json`. */
const versionOf = (raw: readonly string[]) => ['version', ...raw.filter((word) => word === '--json')]

/** The position of the verb; `--config FILE` may precede it. */
function findVerb(raw: readonly string[]): number {
  return raw.findIndex((word, i) => !word.startsWith('-') && raw[i - 1] !== '--config')
}

/** The overview of all commands. */
export async function overview(): Promise<string> {
  const described = Object.entries(commands).map(
    async ([name, { description }]) => [name, await description()] as const,
  )
  return renderOverview(Object.fromEntries(await Promise.all(described)), helpWidth())
}

/** Help is read on a terminal, or in a pipe to one. */
export const helpWidth = () => Math.min(process.stdout.columns ?? 80, 100)

function say(text: string): number {
  process.stdout.write(`${text}\n`)
  return exitCodes.ok.code
}

/** Makes a verb of a citty command with any arguments. */
function verb<T extends ArgsDef>(load: () => Promise<CommandDef<T>>): Verb {
  return {
    description: async () => (await metaOf(await load())).description ?? '',
    usage: async (width) => {
      const command = await load()
      const meta = await metaOf(command)
      return renderHelp(meta.name ?? '', meta, await argsOf(command), width)
    },
    args: async () => await argsOf(await load()),
    run: async (name, words) => {
      const command = await load()
      checkArguments(name, words, await argsOf(command))
      return (await runCommand(command, { rawArgs: [...words] })).result
    },
  }
}

const argsOf = async <T extends ArgsDef>({ args }: CommandDef<T>): Promise<ArgsDef> =>
  (await (typeof args === 'function' ? args() : args)) ?? {}
const metaOf = async <T extends ArgsDef>({ meta }: CommandDef<T>) =>
  (await (typeof meta === 'function' ? meta() : meta)) ?? {}

/**
 * Refuses what citty silently ignores: unknown options, options without their value, and surplus arguments.
 *
 * @throws UsageError
 */
function checkArguments(command: string, raw: readonly string[], args: ArgsDef): void {
  const names = Object.entries(args)
  const options = names.flatMap(([name, { type }]) =>
    type === 'positional' ? [] : [[name, { type: type === 'boolean' ? 'boolean' : 'string' }] as const],
  )
  const remedy = `See "baton ${command} --help".`
  const given = parse()
  const { positionals } = given
  const expected = names.filter(([, { type }]) => type === 'positional')
  const surplus = positionals[expected.length]
  if (surplus !== undefined) throw new UsageError(`"${surplus}" is one word too many for ${command}`, remedy)
  const missing = expected[positionals.length]
  if (missing && missing[1].required !== false) {
    throw new UsageError(`${command} needs ${missing[0].toUpperCase()}`, remedy)
  }
  const absent = names.find(
    ([name, { type, required }]) => type !== 'positional' && required === true && given.values[name] === undefined,
  )
  if (absent) throw new UsageError(`${command} needs --${absent[0]}`, remedy)

  function parse() {
    try {
      return parseArgs({ args: [...raw], options: Object.fromEntries(options), allowPositionals: true })
    } catch (error) {
      throw misused(error as Error & { readonly code?: string })
    }
  }

  function misused({ message, code }: Error & { readonly code?: string }): UsageError {
    // A value that begins with a dash, e.g. --limit -1.
    const [, option] = /^Option '(--[\w-]+).*' argument is ambiguous/.exec(message) ?? []
    if (option !== undefined) {
      return new UsageError(
        `${command}: ${option} needs a value`,
        `If the value begins with "-", write ${option}=VALUE.`,
      )
    }
    const [sentence = ''] = message.split(/\. |\n/)
    const [, typed] = code === 'ERR_PARSE_ARGS_UNKNOWN_OPTION' ? (/'--([^']*)'/.exec(message) ?? []) : []
    const known = names.flatMap(([name, { type }]) => (type === 'positional' ? [] : [name]))
    const meant = typed === undefined ? '' : didYouMean(typed, known, (word) => `--${word}`)
    return new UsageError(`${command}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`, `${meant}${remedy}`)
  }
}
