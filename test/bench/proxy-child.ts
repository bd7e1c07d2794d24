import { getPriority, setPriority } from 'node:os'
import { type Done, startLoad, startNode } from './proxy-load.ts'

// The proxied calls and the node that answers them, in a process of their own that gives way to the gate: elsewhere
// they are on other machines. Started by a benchmark.

/** What this process is asked: the calls to make, whether to make them, or what came of them. */
export type LoadQuestion =
  | { readonly to: string; readonly callsASecond: number }
  | { readonly run: boolean }
  | { readonly take: true }

/** What this process sends: the address of its node, that it has done as asked, or what came of the calls. */
export type LoadMessage = { readonly node: string } | { readonly even: true } | { readonly done: Done }

const send = (message: LoadMessage) => process.send?.(message)

setPriority(Math.min(19, getPriority() + 5))
const node = await startNode()
let load: ReturnType<typeof startLoad> | undefined
process.on('message', async (question: LoadQuestion) => {
  if ('to' in question) load = startLoad(question.to, question.callsASecond)
  else if ('run' in question) await load?.run(question.run)
  else return load && send({ done: load.take() })
  send({ even: true })
})
process.once('disconnect', async () => {
  load?.close()
  await node.close()
})
send({ node: node.url })
