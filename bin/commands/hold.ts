import { defineCommand } from 'citty'
import { globals } from '../globals.ts'

/** `baton hold`: pins sequencing to its holder. */
export const hold = defineCommand({
  meta: {
    name: 'hold',
    description: 'Pin sequencing to the node that holds it: restarted if it stops, never replaced',
  },
  args: {
    node: { type: 'positional', required: false, description: 'the holder; refused if another node holds' },
    ...globals,
  },
  async run({ args }) {
    const { operatorName, withChain } = await import('../connect.ts')
    const operate = await import('../../lib/operator/modes.ts')
    const { RefusedActError } = await import('../../lib/operator/errors.ts')
    const { write } = await import('../write.ts')
    const lease = await withChain(args, async (ports) => {
      const holder = (await ports.leases.read(ports.chain.id))?.holder
      if (args.node !== undefined && holder !== undefined && args.node !== holder) {
        throw new RefusedActError(
          `${args.node} does not hold the term, ${holder || 'nobody'} does`,
          `Move it there first: baton switchover --to ${args.node}`,
        )
      }
      return operate.hold(ports, operatorName())
    })
    write(args, lease, () => `hold: pinned to ${lease.holder}${operate.tellMet(lease)}`)
  },
})
