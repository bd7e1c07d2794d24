import * as v from 'valibot'
import { classify } from '../../chain/failure.ts'
import { splitUserinfo } from '../../chain/rpc-transport.ts'
import { ZkNodeFailed } from './errors.ts'

/** A JSON-RPC client that batches calls. */
export type Rpc = {
  /** @throws ZkNodeFailed when the server does not answer in time, answers with an error, or with something else. */
  ask<T>(method: string, params: readonly unknown[], schema: v.GenericSchema<unknown, T>): Promise<T>
  /** Answers in the order of the calls. Throws as `ask`. */
  askAll<T>(method: string, params: readonly (readonly unknown[])[], schema: v.GenericSchema<unknown, T>): Promise<T[]>
}

/** Calls per request: a node that has just built a thousand blocks takes its time for each. */
const TOGETHER = 10

/** A client of one JSON-RPC server. `name` is for people; `timeoutMs` is that of one request, answer included. */
export function createRpc(name: string, url: string, timeoutMs: number): Rpc {
  const askAll: Rpc['askAll'] = async (method, params, schema) => {
    const answers = []
    for (let i = 0; i < params.length; i += TOGETHER)
      answers.push(...(await ask(method, params.slice(i, i + TOGETHER))))
    return answers.map((answer) => {
      const { success, output, issues } = v.safeParse(schema, answer)
      if (!success) throw new ZkNodeFailed(`${name} ${method}`, `unexpected answer: ${issues[0].message}`)
      return output
    })
  }
  return {
    askAll,
    async ask(method, params, schema) {
      const [answer] = await askAll(method, [params], schema)
      return answer as v.InferOutput<typeof schema>
    },
  }

  async function ask(method: string, params: readonly (readonly unknown[])[]): Promise<unknown[]> {
    const calls = params.map((words, id) => ({ jsonrpc: '2.0', id, method, params: words }))
    const { target, headers: authorization } = splitUserinfo(url)
    const headers = { ...authorization, 'content-type': 'application/json' }
    let found: unknown
    try {
      const body = JSON.stringify(calls)
      const response = await fetch(target, { method: 'POST', headers, body, signal: AbortSignal.timeout(timeoutMs) })
      found = await response.json()
    } catch (error) {
      throw new ZkNodeFailed(`${name} ${method}`, classify(error).message)
    }
    const { success, output } = v.safeParse(v.array(reply), found)
    if (!success) throw new ZkNodeFailed(`${name} ${method}`, 'not a JSON-RPC answer')
    return calls.map(({ id }) => {
      const answer = output.find((one) => one.id === id)
      if (answer?.error) throw new ZkNodeFailed(`${name} ${method}`, answer.error.message)
      return answer?.result
    })
  }
}

const reply = v.object({
  id: v.number(),
  result: v.optional(v.unknown()),
  error: v.optional(v.object({ message: v.string() })),
})
