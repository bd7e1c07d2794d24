import { setTimeout as sleep } from 'node:timers/promises'
import { defineCommand } from 'citty'
import { globals } from '../options.ts'

const EVERY_MS = 1_000
const REDRAW = '\u001b[H\u001b[J'

/** `baton watch`: `status`, refreshed each second. */
export const watch = defineCommand({
  meta: { name: 'watch', description: 'Show the status, refreshed each second, until interrupted' },
  args: globals,
  async run({ args }) {
    const { connect } = await import('../connect.ts')
    const { untilInterrupted } = await import('../session.ts')
    const { formatError: tellError } = await import('../errors.ts')
    const { printable, printableColoured } = await import('../../lib/protocol/printable.ts')
    const { inspectChain: look } = await import('../../lib/context/inspect.ts')
    const { toJson } = await import('../../lib/text/format.ts')
    const { paintFor } = await import('../../lib/terminal/paint.ts')
    const { renderStatus } = await import('../../lib/terminal/render-status.ts')
    const { ports, close } = await connect(args)
    const signal = untilInterrupted()
    const { stdout } = process
    const paint = paintFor(stdout)
    if (stdout.isTTY && !args.json) stdout.write('\u001b[2J')
    while (!signal.aborted) {
      const began = Date.now()
      const drawn = await look(ports).then(
        (snapshot) =>
          args.json ? printable(toJson(snapshot)) : printableColoured(renderStatus(snapshot, paint, stdout.columns)),
        (error: unknown) => tellError(error, args.json === true),
      )
      stdout.write(`${stdout.isTTY && !args.json ? REDRAW : ''}${drawn}\n`)
      const rest = Math.max(0, EVERY_MS - (Date.now() - began))
      await sleep(rest, undefined, { signal }).catch(() => {})
    }
    await close()
  },
})
