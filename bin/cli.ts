import { parseArgs, stripVTControlCharacters } from 'node:util'
import { type ArgsDef, type CommandDef, defineCommand, renderUsage, runCommand } from 'citty'
import { version } from '../lib/version.ts'
import { exitCodes, exitOf, formatError, UsageError } from './errors.ts'

/** One command, loaded on use. */
type Verb = {
  /** For citty's overview of all commands. */
  readonly overview: () => Promise<CommandDef>
  /** Its help, without the exit codes. */
  readonly usage: () => Promise<string>
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
  version: verb(async () => (await import('./commands/version.ts')).version),
}

const root = defineCommand({
  meta: { name: 'baton', description: 'Decides which sequencer of a rollup may publish the next block' },
  subCommands: Object.fromEntries(Object.entries(commands).map(([name, { overview }]) => [name, overview])),
})

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
    if (raw.includes('--version')) return say(version)
    if (wantsHelp) return say(await overview())
    process.stderr.write(`${await overview()}\n`)
    return exitCodes.usage.code
  }
  const command = Object.hasOwn(commands, name) ? commands[name] : undefined
  if (!command) {
    throw new UsageError(`there is no command "${name}"`, `There are ${Object.keys(commands).join(', ')}.`)
  }
  if (wantsHelp) return say(withExitCodes(await command.usage()))
  const result = await command.run(name, raw.toSpliced(place, 1))
  return typeof result === 'number' ? result : exitCodes.ok.code
}

/** The position of the verb; `--config FILE` may precede it. */
function findVerb(raw: readonly string[]): number {
  return raw.findIndex((word, i) => !word.startsWith('-') && raw[i - 1] !== '--config')
}

async function overview(): Promise<string> {
  const usage = await renderUsage(root)
  return withExitCodes(usage.replace(Object.keys(commands).join('|'), '<command> [options]'))
}

function withExitCodes(usage: string): string {
  const codes = Object.values(exitCodes).map(({ code, meaning }) => `  ${code}  ${meaning}`)
  const text = `${usage.trimEnd()}\n\nEXIT CODES\n\n${codes.join('\n')}`.replace(/ +$/gm, '')
  return process.stdout.isTTY && !process.env.NO_COLOR ? text : stripVTControlCharacters(text)
}

function say(text: string): number {
  process.stdout.write(`${text}\n`)
  return exitCodes.ok.code
}

/** Makes a verb of a citty command with any arguments. */
function verb<T extends ArgsDef>(load: () => Promise<CommandDef<T>>): Verb {
  return {
    overview: async () => {
      const { meta } = await load()
      return meta === undefined ? {} : { meta }
    },
    usage: async () => renderUsage(await load(), { meta: { name: 'baton' } }),
    run: async (name, words) => {
      const command = await load()
      const args = typeof command.args === 'function' ? await command.args() : await command.args
      checkArguments(name, words, args ?? {})
      return (await runCommand(command, { rawArgs: [...words] })).result
    },
  }
}

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
  const positionals = parse()
  const expected = names.filter(([, { type }]) => type === 'positional')
  const surplus = positionals[expected.length]
  if (surplus !== undefined) throw new UsageError(`"${surplus}" is one word too many for ${command}`, remedy)
  const missing = expected[positionals.length]
  if (missing && missing[1].required !== false) {
    throw new UsageError(`${command} needs ${missing[0].toUpperCase()}`, remedy)
  }

  function parse(): readonly string[] {
    try {
      return parseArgs({ args: [...raw], options: Object.fromEntries(options), allowPositionals: true }).positionals
    } catch (error) {
      const [sentence = ''] = (error as Error).message.split(/\. |\n/)
      throw new UsageError(`${command}: ${sentence.charAt(0).toLowerCase()}${sentence.slice(1)}`, remedy)
    }
  }
}
