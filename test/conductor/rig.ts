import { request } from 'node:http'
import { onTestFinished } from 'vitest'
import type { ChainConfig } from '../../lib/config/chain-config.ts'
import { freePortOr } from '../../lib/free-port.ts'
import { silentLog } from '../../lib/log.ts'
import { runGate } from '../../lib/serve/run-gate.ts'
import { type Stage, type StageOptions, setStage } from '../monitor/stage.ts'

/** The secrets of those who are no node. */
export const SECRETS = { reader: 'secret-of-readers', batcher: 'secret-of-batchers', operator: 'secret-of-operators' }

/** A simulated chain that Baton runs, and a gate of it as `baton gate` serves it. */
export type Rig = {
  readonly stage: Stage
  readonly config: ChainConfig
  /** A URL of the gate: `http://<user>:<secret>@<host>/<path>`. The secret is that of the node `user` by default. */
  url(user: string, path?: string, secret?: string): string
  /** The URL of a node's path. */
  at(node: string, user?: string, secret?: string): string
  /** The URL of the chain's path. */
  leader(user?: string, secret?: string): string
}

/** Sets up the chain, and waits until a node leads it by its commits. */
export async function openRig(options: StageOptions = {}): Promise<Rig> {
  let written: ChainConfig | undefined
  const { reader, batcher, operator } = SECRETS
  const stage = await setStage({
    ...options,
    configure: async (given) => {
      const roles = { readers: [reader], batchers: [batcher], operators: [operator] }
      const config = { ...given, gate: { host: '127.0.0.1', port: await freePortOr(0), ...roles } }
      written = options.configure ? await options.configure(config) : config
      return written
    },
  })
  onTestFinished(() => stage.close())
  if (!written) throw new Error('the stage took no configuration')
  const config = written
  const gate = await runGate(config, { stores: stage.ports, objects: stage.ports.objects }, silentLog)
  onTestFinished(() => gate.close())
  stage.monitor()
  await stage.leads(() => true)
  const secretOf = (node: string) => config.nodes.find(({ name }) => name === node)?.secrets[0] ?? ''
  const url: Rig['url'] = (user, path = '/', secret = secretOf(user)) =>
    `http://${user}:${secret}@127.0.0.1:${gate.port}${path}`
  return {
    stage,
    config,
    url,
    at: (node, user = node, secret) => url(user, `/v1/chains/901/nodes/${node}`, secret),
    leader: (user = 'batcher', secret = reader) => url(user, '/v1/chains/901/leader', secret),
  }
}

/** A JSON-RPC answer, with the HTTP status. */
export type Answer = {
  readonly status: number
  readonly id?: unknown
  readonly result?: unknown
  readonly error?: { readonly code: number; readonly message: string; readonly data?: Record<string, unknown> }
}

/** Posts a body as clients do that take the credentials from the URL. */
export function post(url: string, body: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> {
  const { username, password, hostname, port, pathname } = new URL(url)
  return new Promise((resolve, reject) => {
    const auth = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
    const sent = { 'content-type': 'application/json', 'content-length': Buffer.byteLength(body), ...headers }
    const asking = request({ hostname, port, path: pathname, method: 'POST', auth, headers: sent }, (response) => {
      const chunks: Buffer[] = []
      response.on('data', (chunk: Buffer) => chunks.push(chunk))
      response.on('end', () => {
        const text = Buffer.concat(chunks).toString()
        resolve({ status: response.statusCode ?? 0, ...(text.startsWith('{') ? JSON.parse(text) : {}) })
      })
    })
    asking.setTimeout(20_000, () => asking.destroy(new Error('no answer')))
    asking.on('error', reject)
    asking.end(body)
  })
}

/** Calls a method. */
export const ask = (url: string, method: string, params: readonly unknown[] = []): Promise<Answer> =>
  post(url, JSON.stringify({ jsonrpc: '2.0', id: 1, method, params }))
