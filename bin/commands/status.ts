import { defineCommand } from 'citty'
import { exitOfChain } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton status`: the chain at a glance. */
export const status = defineCommand({
  meta: { name: 'status', description: 'Show who sequences, why, and each node' },
  args: globals,
  async run({ args }) {
    const { connect } = await import('../connect.ts')
    const { withEngines } = await import('../connect.ts')
    const { inspectChain: look } = await import('../../lib/context/inspect.ts')
    const { paintFor } = await import('../../lib/terminal/paint.ts')
    const { renderStatus } = await import('../../lib/terminal/render-status.ts')
    const { doThis } = await import('../../lib/text/do-this.ts')
    const { write } = await import('../output.ts')
    const { config, aws, ports, close } = await connect(args)
    const snapshot = await look(await withEngines(config, ports, aws)).finally(close)
    write(args, 'status', { ...snapshot, doThis: doThis(snapshot) }, () =>
      renderStatus(snapshot, paintFor(process.stdout), process.stdout.columns),
    )
    return exitOfChain(snapshot)
  },
})
