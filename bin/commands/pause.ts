import { defineCommand } from 'citty'
import { globals } from '../options.ts'

/** `baton pause`. */
export const pause = defineCommand({
  meta: { name: 'pause', description: 'Forbid Baton to act by itself until resume; withdraws a switchover that waits' },
  args: globals,
  async run({ args }) {
    const { operatorName, withChain } = await import('../connect.ts')
    const operate = await import('../../lib/operator/modes.ts')
    const { write } = await import('../output.ts')
    const lease = await withChain(args, (ports) => operate.pause(ports, operatorName()))
    write(args, lease, () => `paused: Baton observes and moves nothing${operate.formatMet(lease)}`)
  },
})
