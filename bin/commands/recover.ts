import { defineCommand } from 'citty'
import { exitCodes } from '../errors.ts'
import { globals } from '../options.ts'

/** `baton recover`: brings a node back after a crash. */
export const recover = defineCommand({
  meta: {
    name: 'recover',
    description: 'Bring a node back after a crash: name the damage, repair it, prove that it works',
  },
  args: {
    node: { type: 'positional', required: true, description: 'the node; it must not sequence' },
    'dry-run': { type: 'boolean', description: 'name the damage and what would be done, and change nothing' },
    ...globals,
  },
  async run({ args }) {
    const { openForBackfill } = await import('../connect.ts')
    const { planRecover, runRecover } = await import('../../lib/operations/crash-recovery/procedure.ts')
    const { watch } = await import('../session.ts')
    const { write } = await import('../output.ts')

    const { ports, close } = await openForBackfill(args)
    try {
      const told = args['dry-run'] ? await planRecover(ports, args) : await runRecover(ports, args, watch(args))
      write(args, told.value, () => told.words)
      return told.held ? exitCodes.refused.code : exitCodes.ok.code
    } finally {
      await close()
    }
  },
})
