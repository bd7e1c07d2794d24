import { spawn } from 'node:child_process'
import { resolve } from 'node:path'
import { defineCommand } from 'citty'
import { UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton start`: everything in one process, on loopback. */
export const start = defineCommand({
  meta: {
    name: 'start',
    description: 'Run Baton locally (database, gate, monitor, web page); without --config, with a simulated chain',
  },
  args: {
    ...globals,
    config: { ...globals.config, description: 'configuration of a chain of real nodes; default: a simulated one' },
    port: { type: 'string', valueHint: 'port', description: 'where the page listens; 0 = any free port' },
    'gate-port': { type: 'string', valueHint: 'port', description: 'where the gate listens; 0 = any free port' },
    host: {
      type: 'string',
      valueHint: 'address',
      description: 'where the page listens; any but loopback needs BATON_PAGE_SECRET, the password of its readers',
    },
    'block-time': { type: 'string', valueHint: 'ms', description: 'block time of the simulated chain; default 2000' },
    'no-open': { type: 'boolean', description: 'do not open the page in a browser' },
  },
  async run({ args }) {
    const port = readNumber('port', args.port, 0, 65_535)
    const gatePort = readNumber('gate-port', args['gate-port'], 0, 65_535)
    const blockTimeMs = readNumber('block-time', args['block-time'], 50, 60_000)
    const { awsOfCli } = await import('../aws.ts')
    const { publishLocalProcess } = await import('../local-process.ts')
    const { lockFolder } = await import('../folder-lock.ts')
    const { operatorName } = await import('../connect.ts')
    const { chooseLog } = await import('../output.ts')
    const { untilInterrupted, whenInterrupted } = await import('../session.ts')
    const { loadConfig } = await import('../../lib/config/chain-config.ts')
    const { startLocal } = await import('../../lib/serve/start.ts')
    const cwd = process.cwd()
    const log = chooseLog(args, ['committed'])
    const given = args.config === undefined ? undefined : await loadConfig(args.config)
    const interrupted = untilInterrupted()
    // On any failure from here on, stop what was started, the last first.
    const ending: (() => void | Promise<void>)[] = [await lockFolder(cwd)]
    try {
      const local = await startLocal({
        folder: resolve(cwd, '.baton'),
        operator: operatorName(),
        log,
        ...(given && { config: given, aws: awsOfCli(given.store) }),
        ...(port !== undefined && { pagePort: port }),
        ...(gatePort !== undefined && { gatePort }),
        ...(args.host !== undefined && { pageHost: args.host }),
        ...(process.env.BATON_PAGE_SECRET && { pageSecret: process.env.BATON_PAGE_SECRET }),
        ...(blockTimeMs !== undefined && { blockTimeMs }),
      })
      ending.push(local.stop)
      const { page, config } = local
      const { url, token } = page
      ending.push(publishLocalProcess(cwd, { pid: process.pid, page: { url, token }, config }))
      log.info(`the page is at ${url}`, { gate: `http://${config.gate.host}:${config.gate.port}` })
      if (args.open !== false && process.stdout.isTTY) openBrowser(url)
      await whenInterrupted(interrupted)
    } finally {
      for (const end of ending.reverse()) await end()
    }
  },
})

function readNumber(name: string, text: string | undefined, min: number, max: number): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw new UsageError(`--${name} ${text} is not valid`, `Write an integer from ${min} to ${max}.`)
}

const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
  darwin: ['open'],
  win32: ['cmd', '/c', 'start', ''],
}

/** Opens a page in the reader's browser, if there is one; silent if not. */
function openBrowser(url: string): void {
  const [command, ...words] = openers[process.platform] ?? ['xdg-open']
  spawn(command, [...words, url], { stdio: 'ignore', detached: true })
    .on('error', () => {})
    .unref()
}
