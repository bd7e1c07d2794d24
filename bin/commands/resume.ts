import { defineCommand } from 'citty'
import { globals } from '../options.ts'

/** `baton resume`. */
export const resume = defineCommand({
  meta: { name: 'resume', description: 'Allow Baton to act by itself again' },
  args: globals,
  async run({ args }) {
    const { operatorName, withChain } = await import('../connect.ts')
    const operate = await import('../../lib/operator/modes.ts')
    const { write } = await import('../output.ts')
    const lease = await withChain(args, (ports) => operate.resume(ports, operatorName()))
    write(args, lease, () => `auto: Baton acts by itself${operate.formatMet(lease)}`)
  },
})
