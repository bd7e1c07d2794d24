import { defineCommand } from 'citty'
import { globals } from '../options.ts'

/** `baton adopt`: takes over a chain that a node sequences outside Baton. */
export const adopt = defineCommand({
  meta: {
    name: 'adopt',
    description: 'Take over a chain that a node sequences outside Baton: it is stopped, and --to goes on',
  },
  args: {
    to: { type: 'string', valueHint: 'node', required: true, description: 'the node that is to sequence next' },
    ...globals,
  },
  async run({ args }) {
    const { operatorName, withChain } = await import('../connect.ts')
    const operate = await import('../../lib/operator/adopt.ts')
    const { write } = await import('../output.ts')
    const block = await withChain(args, (ports) => operate.adopt(ports, { to: args.to, by: operatorName() }))
    write(args, block, () => `adopted at block ${block.number} ${block.hash}; the monitor starts ${args.to}`)
  },
})
