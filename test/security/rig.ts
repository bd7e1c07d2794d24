import { connect } from 'node:net'
import { createGate } from '../../lib/gate/handle.ts'
import { type GateServer, type ServeOptions, serveGate } from '../../lib/gate/serve.ts'
import { memoryHeads, memoryObjects } from '../../lib/store/memory/stores.ts'
import { jsonLog, textLog } from '../../lib/terminal/log.ts'
import { plain } from '../../lib/terminal/paint.ts'
import { blockOf, envelopeOf } from '../gate/payloads.ts'
import { basic, CHAIN, rig, SECRETS } from '../gate/rig.ts'

/** A gate as it is served, all it wrote to its logs, and its head. */
export type Served = {
  readonly server: GateServer
  /** What it showed people and programs, as it was written. */
  readonly written: { text: string; json: string }
  head(): Promise<{ readonly number: bigint; readonly hash: string } | undefined>
  /** Sends bytes over a connection of its own; resolves with all that came back when the gate closes it, or after `ms`. */
  raw(bytes: string | Uint8Array, ms?: number): Promise<string>
  close(): Promise<void>
}

/** Serves a gate whose head is block 10, held by node a. */
export async function serve(options: ServeOptions = {}): Promise<Served> {
  const written = { text: '', json: '' }
  const people = textLog((line) => {
    written.text += line
  }, plain)
  const programs = jsonLog((line) => {
    written.json += line
  })
  const both = (level: 'info' | 'warn' | 'error') => (message: string, facts?: object) => {
    people[level](message, facts)
    programs[level](message, facts)
  }
  const { heads, objects } = await rig({ heads: memoryHeads(), objects: memoryObjects() })
  const gate = createGate({
    heads,
    objects,
    findSecrets: (chain, node) => (chain === CHAIN ? SECRETS[node] : undefined),
    readyChain: CHAIN,
    version: '1',
    log: { info: both('info'), warn: both('warn'), error: both('error') },
  })
  const server = await serveGate(gate, { port: 0, ...options })
  return {
    server,
    written,
    head: () => heads.read(CHAIN),
    raw: (bytes, ms = 3_000) => exchange(server.port, bytes, ms),
    close: () => server.close(),
  }
}

function exchange(port: number, bytes: string | Uint8Array, ms: number): Promise<string> {
  return new Promise((resolve) => {
    let answer = ''
    const socket = connect(port, '127.0.0.1', () => socket.write(bytes))
    const timer = setTimeout(() => socket.destroy(), ms)
    socket.setEncoding('utf8').on('data', (text: string) => {
      answer += text
    })
    socket.on('error', () => {})
    socket.on('close', () => {
      clearTimeout(timer)
      resolve(answer)
    })
  })
}

/** The body of a commit of the n-th block. */
export function commitBody(number: number, branch = 0): string {
  const params = [envelopeOf(blockOf(number, branch))]
  return JSON.stringify({ jsonrpc: '2.0', id: 1, method: 'conductor_commitUnsafePayload', params })
}

/** The lines of a request of a node up to its body; further headers are put before those that end it. */
export function requestHead(node: string, headers: readonly string[], secretOf = node): string {
  return [
    `POST /v1/chains/${CHAIN}/nodes/${node} HTTP/1.1`,
    'Host: gate',
    `Authorization: ${basic(node, SECRETS[secretOf]?.[0] ?? 'no-secret')}`,
    ...headers,
    '',
    '',
  ].join('\r\n')
}

/** A whole, proper request. */
export function request(node: string, body: string, secretOf = node): string {
  return requestHead(node, [`Content-Length: ${Buffer.byteLength(body)}`, 'Connection: close'], secretOf) + body
}

/** The statuses of the HTTP answers in what came back. */
export function statuses(answer: string): number[] {
  return [...answer.matchAll(/^HTTP\/1\.1 (\d{3})/gm)].map(([, status]) => Number(status))
}
