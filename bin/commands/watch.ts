import { setTimeout as sleep } from 'node:timers/promises'
import { defineCommand } from 'citty'
import type { Snapshot } from '../../lib/context/inspect.ts'
import type { ChainPorts } from '../../lib/context/ports.ts'
import type { Order, Screen } from '../../lib/terminal/watch-keys.ts'
import { exitCodes } from '../errors.ts'
import { type Globals, globals } from '../options.ts'

const EVERY_MS = 1_000
/** How long the store may take to close; what is under way then is given up. */
const CLOSE_MS = 100

/** `baton watch`: `status`, refreshed each second; on a terminal, with keys to act. */
export const watch = defineCommand({
  meta: { name: 'watch', description: 'Show the status, refreshed each second; on a terminal, act by single keys' },
  args: globals,
  async run({ args }) {
    const { connect } = await import('../connect.ts')
    const { ports, close } = await connect(args)
    const interactive = process.stdin.isTTY && process.stdout.isTTY && args.json !== true
    await (interactive ? steer(ports) : print(ports, args))
    await Promise.race([close(), sleep(CLOSE_MS)])
    // An observation that is under way would keep the process up until its time-outs.
    process.exit(exitCodes.ok.code)
  },
})

/** For pipes and programs: one status, or one line of JSON, a second. */
async function print(ports: ChainPorts, args: Globals): Promise<void> {
  const { untilInterrupted } = await import('../session.ts')
  const { formatError } = await import('../errors.ts')
  const { inspectChain } = await import('../../lib/context/inspect.ts')
  const { JSON_VERSION } = await import('../json-version.ts')
  const { printable, printableColoured } = await import('../../lib/protocol/printable.ts')
  const { paintFor } = await import('../../lib/terminal/paint.ts')
  const { renderStatus } = await import('../../lib/terminal/render-status.ts')
  const { doThis } = await import('../../lib/text/do-this.ts')
  const { toJson } = await import('../../lib/text/format.ts')
  const signal = untilInterrupted()
  const { stdout } = process
  const write = (snapshot: Snapshot) =>
    args.json
      ? printable(toJson({ version: JSON_VERSION, kind: 'status', ...snapshot, doThis: doThis(snapshot) }))
      : printableColoured(renderStatus(snapshot, paintFor(stdout), stdout.columns))
  await everySecond(signal, async () => {
    const drawn = await inspectChain(ports).then(write, (error: unknown) => formatError(error, args.json === true))
    if (!signal.aborted) stdout.write(`${drawn}\n`)
  })
}

/** Runs a turn each second until the signal aborts; a turn under way is not waited for then. */
async function everySecond(signal: AbortSignal, turn: () => Promise<void>): Promise<void> {
  const aborted = new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }))
  while (!signal.aborted) {
    const began = Date.now()
    await Promise.race([turn(), aborted])
    await sleep(Math.max(0, EVERY_MS - (Date.now() - began)), undefined, { signal }).catch(() => {})
  }
}

/** On a terminal: the whole screen, and keys. */
async function steer(ports: ChainPorts): Promise<void> {
  const { inspectChain } = await import('../../lib/context/inspect.ts')
  const { openFullScreen } = await import('../../lib/terminal/full-screen.ts')
  const { renderWatch } = await import('../../lib/terminal/render-watch.ts')
  const { press } = await import('../../lib/terminal/watch-keys.ts')
  const { paintFor } = await import('../../lib/terminal/paint.ts')
  const ended = new AbortController()
  const end = () => ended.abort()
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, end)
  let screen: Screen = { shows: 'status' }
  let latest: Snapshot | undefined
  let failure: string | undefined
  const terminal = openFullScreen(process, (key) => {
    const pressed = press(screen, key, latest)
    screen = pressed.screen
    if (pressed.quit) return end()
    if (pressed.order) void carryOut(ports, pressed.order).then(show)
    draw()
  })
  process.stdout.on('resize', draw)
  draw()
  await everySecond(ended.signal, async () => {
    await inspectChain(ports).then(
      (snapshot) => {
        latest = snapshot
        failure = undefined
      },
      (error: unknown) => {
        failure = error instanceof Error ? error.message : String(error)
      },
    )
    draw()
  })
  terminal.close()

  function show(message: string) {
    screen = { ...screen, message }
    draw()
  }
  function draw() {
    const { columns } = process.stdout
    terminal.draw(
      renderWatch({ screen, snapshot: latest, failure, now: Date.now() }, paintFor(process.stdout), columns),
    )
  }
}

/** Does what was ordered and confirmed; returns what came of it. */
async function carryOut(ports: ChainPorts, { act, input }: Order): Promise<string> {
  const { operatorName } = await import('../connect.ts')
  const { acts } = await import('../../lib/operator/acts.ts')
  try {
    const { message, asked } = await acts[act].run(ports, input, operatorName())
    if (!asked) return message
    const { awaitSwitchover } = await import('../../lib/operations/switchover/await.ts')
    return (await awaitSwitchover(ports, asked)).message
  } catch (error) {
    return `not done: ${error instanceof Error ? error.message : String(error)}`
  }
}
