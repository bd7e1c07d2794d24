import { fork } from 'node:child_process'
import { once } from 'node:events'
import type { CommitTimings } from '../../lib/gate/context.ts'
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
  const child = fork(new URL('commit-gate.ts', import.meta.url), given, { execArgv: ['--expose-gc'] })
  let answer: (message: GateMessage) => void = () => {}
  let fail: (error: Error) => void = () => {}
  child.on('message', (message: GateMessage) => answer(message))
  child.on('exit', (code) => fail(new Error(`the gate ended with code ${code}`)))
  const next = () =>
    new Promise<GateMessage>((resolve, reject) => {
      answer = resolve
      fail = reject
    })
  const ask = (question: GateQuestion) => {
    const message = next()
    child.send(question)
    return message
  }

  const first = await next()
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
    async stop() {
      child.disconnect()
      await once(child, 'exit')
    },
  }
}
