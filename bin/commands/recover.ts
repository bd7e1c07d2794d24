import { defineCommand } from 'citty'
import { exitCodes } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton recover`: repairs a node after a crash. */
export const recover = defineCommand({
  meta: {
    name: 'recover',
    description: 'Repair a node after a crash: identify the damage, repair it, prove that the node works',
  },
  args: {
    node: { type: 'positional', required: true, description: 'the node; it must not sequence' },
    'dry-run': { type: 'boolean', description: 'show the damage and the planned repair; change nothing' },
    ...globals,
  },
  async run({ args }) {
    const { openForBackfill } = await import('../connect.ts')
    const { planRecover, runRecover } = await import('../../lib/operations/crash-recovery/run.ts')
    const { watch } = await import('../session.ts')
    const { write } = await import('../output.ts')

    const { ports, close } = await openForBackfill(args)
    try {
      const result = args['dry-run'] ? await planRecover(ports, args) : await runRecover(ports, args, watch(args))
      write(args, 'recover', result.value as object, () => result.text)
      return result.blocked ? exitCodes.refused.code : exitCodes.ok.code
    } finally {
      await close()
    }
  },
})
