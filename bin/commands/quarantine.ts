import { defineCommand } from 'citty'
import { UsageError } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton quarantine`: takes a node out of eligibility, or puts it back. */
export const quarantine = defineCommand({
  meta: { name: 'quarantine', description: 'Take a node out of eligibility, or put it back' },
  args: {
    node: { type: 'positional', required: true, description: 'the node' },
    why: { type: 'string', valueHint: 'text', description: 'why it must not sequence; shown to everybody' },
    lift: { type: 'boolean', description: 'put it back' },
    force: { type: 'boolean', description: 'put back a node whose override is not seen to have ended' },
    ...globals,
  },
  async run({ args }) {
    if ((args.why === undefined) === (args.lift !== true)) {
      throw new UsageError('quarantine needs either --why TEXT or --lift', 'See "baton quarantine --help".')
    }
    const { operatorName, withChain } = await import('../connect.ts')
    const { configuredNode } = await import('../../lib/operator/configured-node.ts')
    const { setQuarantine } = await import('../../lib/operator/quarantine.ts')
    const { write } = await import('../output.ts')
    const lease = await withChain(args, (ports) =>
      setQuarantine(ports, configuredNode(ports.nodes, args.node).name, args.why, operatorName(), args.force),
    )
    write(args, lease, () => (args.lift ? `${args.node} is eligible again` : `${args.node} is in quarantine`))
  },
})
