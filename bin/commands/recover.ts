import { defineCommand } from 'citty'
import { exitCodes } from '../exit-codes.ts'
import { globals } from '../globals.ts'

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
    const { openForBackfill } = await import('../open-for-backfill.ts')
    const workflow = await import('../../lib/crash-recovery/recover.ts')
    const terminal = await import('../../lib/terminal/render-recovery.ts')
    const { renderProgress } = await import('../../lib/terminal/render-backfill.ts')
    const { untilInterrupted } = await import('../interrupted.ts')
    const { operatorName } = await import('../connect.ts')
    const { write } = await import('../write.ts')

    const { ports, close } = await openForBackfill(args)
    const say = (line: string) => void (args.json || process.stdout.write(`${line}\n`))
    try {
      if (args['dry-run']) {
        const plan = await workflow.planRecovery(ports, args.node)
        write(args, plan, () => terminal.renderRecoveryPlan(plan))
        return exitCodes.ok.code
      }
      const recovered = await workflow.recover(ports, args.node, {
        actor: { kind: 'operator', name: operatorName() },
        signal: untilInterrupted(),
        onMethod: (method, damage) => say(terminal.renderMethod(method, damage)),
        onProgress: (progress) => say(renderProgress(progress)),
      })
      write(args, recovered, () => terminal.renderRecovered(recovered))
      return exitCodes.ok.code
    } finally {
      await close()
    }
  },
})
