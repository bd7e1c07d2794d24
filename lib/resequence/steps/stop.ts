import { stopNode } from '../machine.ts'
import type { Step } from './step.ts'

const CHECKS = ['no process has the database open']

/** After the halt, and after re-sequencing: the node idles and may hear no signal for ten minutes. */
function stopping(name: string, why: string): Step {
  return {
    name,
    does: () => `stop the sequencer ${why}`,
    checks: CHECKS,
    interrupted: 'repeat',
    failed: 'resume',
    async run(context) {
      await stopNode(context)
      return 'no process has the database open'
    },
  }
}

export const stop = stopping('stop', 'that has halted')
export const stopAgain = stopping('stop-again', 'that has built everything anew')
