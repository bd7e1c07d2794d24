import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { CommitTimings } from '../../lib/gate/metrics.ts'
import type { GateMessage } from './commit-gate.ts'

/** A gate in its own process. */
export type GateProcess = {
  readonly url: string
  /** Where the time of the commits since the last call went. */
  takeTimings(): CommitTimings[]
  /** Its memory after a garbage collection, in bytes. */
  memory(): Promise<{ readonly rss: number; readonly heapUsed: number; readonly external: number }>
  stop(): Promise<void>
}

/** Starts a gate on an embedded database and a folder of objects, both in `folder`. */
export async function startGateProcess(folder: string): Promise<GateProcess> {
  const child = fork(new URL('commit-gate.ts', import.meta.url), [folder], { execArgv: ['--expose-gc'] })
  const timings: CommitTimings[] = []
  const answers: ((message: GateMessage) => void)[] = []
  child.on('message', (message: GateMessage) => {
    if ('timings' in message) timings.push(message.timings)
    else answers.shift()?.(message)
  })
  const next = () =>
    new Promise<GateMessage>((resolve, reject) => {
      answers.push(resolve)
      child.once('exit', (code) => reject(new Error(`the gate ended with code ${code}`)))
    })
  const first = await next()
  child.setMaxListeners(0)
  return {
    url: 'url' in first ? first.url : '',
    takeTimings: () => timings.splice(0),
    async memory() {
      const answer = next()
      child.send('memory')
      const message = await answer
      if (!('memory' in message)) throw new Error('the gate told something else')
      return message.memory
    },
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
