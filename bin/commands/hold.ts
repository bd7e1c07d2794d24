import { defineCommand } from 'citty'
import { globals } from '../options.ts'

/** `baton hold`: pins sequencing to its leader. */
export const hold = defineCommand({
  meta: {
    name: 'hold',
    description: 'Pin sequencing to the node that holds it: restarted if it stops, never replaced',
  },
  args: {
    node: { type: 'positional', required: false, description: 'the leader; refused if another node holds' },
    ...globals,
  },
  async run({ args }) {
    const { operatorName, withChain } = await import('../connect.ts')
    const operate = await import('../../lib/operator/modes.ts')
    const { RefusedActError } = await import('../../lib/operator/errors.ts')
    const { write } = await import('../output.ts')
    const lease = await withChain(args, async (ports) => {
      const leader = (await ports.leases.read(ports.chain.id))?.leader
      if (args.node !== undefined && leader !== undefined && args.node !== leader) {
        throw new RefusedActError(
          `${args.node} does not hold the term, ${leader || 'nobody'} does`,
          `Move it there first: baton switchover --to ${args.node}`,
        )
      }
      return operate.hold(ports, operatorName())
    })
    write(args, lease, () => `hold: pinned to ${lease.leader}${operate.formatMet(lease)}`)
  },
})
