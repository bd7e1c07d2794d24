import { stripVTControlCharacters } from 'node:util'
import { defineCommand, renderUsage } from 'citty'
import { commands } from './commands.ts'
import { exitOf, formatError, UsageError } from './errors.ts'
import { exitCodes } from './exit-codes.ts'
import { readVersion } from './version.ts'

const root = defineCommand({
  meta: { name: 'baton', description: 'Decides which sequencer of a rollup may publish the next block' },
  subCommands: Object.fromEntries(Object.entries(commands).map(([name, { overview }]) => [name, overview])),
})

/** Runs the command line and returns its exit code. Errors are told on stderr, never thrown. */
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
    if (raw.includes('--version')) return say(readVersion())
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

/** The place of the verb; `--config FILE` may stand before it. */
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
