import type { Context, Step } from '../context.ts'
import { StepFailed } from '../errors.ts'
import { readDatabaseEnd, stopNode } from '../machine.ts'

/** After the halt, and after re-sequencing: the node idles and may ignore signals for ten minutes. */
function stopping(name: string, why: string, what: string, end: (context: Context) => Promise<bigint>): Step {
  return {
    name,
    does: () => `stop the sequencer ${why}`,
    checks: ['no process has the database open', `the database itself ends with ${what}`],
    interrupted: 'repeat',
    failed: 'resume',
    async run(context) {
      await stopNode(context)
      const [wanted, found] = [await end(context), await readDatabaseEnd(context)]
      if (found !== wanted) {
        const remedy = 'Look which data folder it uses, and whether something else writes there, then --resume.'
        throw new StepFailed(`the database ends with block ${found}, not with ${what}, block ${wanted}`, remedy)
      }
      return `no process has the database open; it ends with block ${found}`
    },
  }
}

/** Also read before anything is changed: what cannot be read must not be changed. */
export const stop = stopping('stop', 'that has halted', 'the last block captured', async (context) => {
  const last = (await context.before()).range.blocks.at(-1)
  if (last) return last.number
  throw new StepFailed('no block was captured', 'Begin a new run.')
})

export const stopAgain = stopping(
  'stop-again',
  'that has rebuilt everything',
  'the last block verified',
  async ({ notes }) => BigInt(notes().number ?? -1),
)
