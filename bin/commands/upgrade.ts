import { defineCommand } from 'citty'
import { upgradeFields } from '../../lib/operations/upgrade/document.ts'
import { exitCodes } from '../errors.ts'
import { type Globals, globals, optionsOf, readOptions } from '../options.ts'

const { chain: _, ...fields } = upgradeFields

/** `baton upgrade`: a rolling upgrade of every node, the leader last. */
export const upgrade = defineCommand({
  meta: {
    name: 'upgrade',
    description: 'Upgrade every node, one at a time, the leader last; stop at the first node that does not recover',
  },
  args: { ...optionsOf(fields), ...globals },
  async run({ args: given }) {
    const args: Globals = given
    const { dryRun, ...request } = readOptions(fields, given)
    const { withChain } = await import('../connect.ts')
    const { planUpgrade, runUpgrade } = await import('../../lib/operations/upgrade/run.ts')
    const { watch } = await import('../session.ts')
    const { write } = await import('../output.ts')
    return await withChain(args, async (ports) => {
      const { value, text, blocked } = dryRun
        ? await planUpgrade(ports, request)
        : await runUpgrade(ports, request, watch(args))
      write(args, 'upgrade', value as object, () => text)
      return blocked ? exitCodes.refused.code : exitCodes.ok.code
    })
  },
})
