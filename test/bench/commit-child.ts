import type { CommitTimings } from '../../lib/gate/context.ts'
import { askChild } from './ask-child.ts'
import type { GateMessage, GateQuestion } from './commit-gate.ts'

/** A gate in its own process. */
export type GateProcess = {
  readonly url: string
  /** Where the time of the commits since the last call went. */
  takeTimings(): Promise<CommitTimings[]>
  /** Its memory after a garbage collection, in bytes. */
  memory(): Promise<{ readonly rss: number; readonly heapUsed: number; readonly external: number }>
  stop(): Promise<void>
}

/** Starts a gate on an embedded database and a folder of objects, both in `folder`; it passes calls on to `node`. */
export async function startGateProcess(folder: string, node?: string): Promise<GateProcess> {
  const given = node === undefined ? [folder] : [folder, node]
  const { first, ask, stop } = await askChild<GateQuestion, GateMessage>('commit-gate.ts', given, {
    execArgv: ['--expose-gc'],
  })
  return {
    url: 'url' in first ? first.url : '',
    async takeTimings() {
      const message = await ask('timings')
      return 'timings' in message ? message.timings : []
    },
    async memory() {
      const message = await ask('memory')
      if (!('memory' in message)) throw new Error('the gate sent something else')
      return message.memory
    },
    stop,
  }
}
