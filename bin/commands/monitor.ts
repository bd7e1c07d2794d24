import { randomBytes } from 'node:crypto'
import { hostname } from 'node:os'
import { defineCommand } from 'citty'
import { globals } from '../options.ts'

/** `baton monitor`: the loop that observes, decides and acts. */
export const monitor = defineCommand({
  meta: {
    name: 'monitor',
    description: 'Observe, decide and act, until interrupted; a second one is a warm standby',
  },
  args: {
    ...globals,
    config: {
      ...globals.config,
      valueHint: 'file,…',
      description:
        'configuration of the chain, or ssm:NAME for a deployed one; several with commas, or a folder of files, in one process; default: the process that "baton start" runs in this folder',
    },
  },
  async run({ args }) {
    const { runMonitors } = await import('../../lib/serve/run-monitors.ts')
    const { openMonitors } = await import('../open-monitors.ts')
    const { chooseLog } = await import('../output.ts')
    const { untilInterrupted } = await import('../session.ts')
    const { chains, address, close } = await openMonitors(args, chooseLog(args))
    const owner = `${hostname()}-${process.pid}-${randomBytes(2).toString('hex')}`
    try {
      await runMonitors(chains, { owner, signal: untilInterrupted(), address })
    } finally {
      await close()
    }
  },
})
