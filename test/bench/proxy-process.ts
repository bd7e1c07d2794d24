import { askChild } from './ask-child.ts'
import type { LoadMessage, LoadQuestion } from './proxy-child.ts'
import type { Done } from './proxy-load.ts'

/** Proxied calls, made and answered by a process of their own. */
export type LoadProcess = {
  /** The node that answers. */
  readonly node: string
  /** Makes the calls to this address from the next `run` on. */
  aim(to: string, callsASecond: number): Promise<void>
  /** Begins or ends; resolves when it is even, or when the last call is answered. */
  run(on: boolean): Promise<void>
  take(): Promise<Done>
  stop(): Promise<void>
}

export async function startLoadProcess(): Promise<LoadProcess> {
  const { first, ask, stop } = await askChild<LoadQuestion, LoadMessage>('proxy-child.ts')
  return {
    node: 'node' in first ? first.node : '',
    aim: async (to, callsASecond) => void (await ask({ to, callsASecond })),
    run: async (run) => void (await ask({ run })),
    async take() {
      const message = await ask({ take: true })
      if (!('done' in message)) throw new Error('the load sent something else')
      return message.done
    },
    stop,
  }
}
