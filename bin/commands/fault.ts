import { defineCommand } from 'citty'
import { faultKinds } from '../../lib/page/acts.ts'
import { globals } from '../options.ts'

const kinds = Object.keys(faultKinds)

/** `baton fault`: makes a simulated node fail, or repairs it. */
export const fault = defineCommand({
  meta: { name: 'fault', description: 'Make a simulated node fail, or repair it ("baton start" must be running here)' },
  args: {
    node: { type: 'positional', required: true, description: 'the node' },
    kind: { type: 'positional', required: true, description: kinds.join(', ') },
    ...globals,
  },
  async run({ args }) {
    const { UsageError } = await import('../errors.ts')
    const { didYouMean } = await import('../../lib/suggest.ts')
    const { findLocalProcess, reportUnreadable } = await import('../local-process.ts')
    const { requestAct } = await import('../local-process.ts')
    const { write } = await import('../output.ts')
    const { node, kind } = args
    if (!kinds.includes(kind)) {
      throw new UsageError(`there is no fault "${kind}"`, `${didYouMean(kind, kinds)}There are ${kinds.join(', ')}.`)
    }
    const local = findLocalProcess(process.cwd())
    if (!local) {
      const problem = `no simulated chain runs here${reportUnreadable(process.cwd())}`
      throw new UsageError(problem, 'Run "baton start" in this folder first.')
    }
    const message = await requestAct(local, 'fault', { node, kind })
    write(args, 'fault', { node, fault: kind, message }, () => message)
  },
})
