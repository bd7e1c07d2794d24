import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse, request as send } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'
import type { Hex } from 'viem'
import { stalledMs } from '../devnet/machine.ts'

/** A block the gate said yes to: from here on it may be published. */
export type Acknowledged = {
  readonly node: string
  readonly number: number
  readonly hash: Hex
  readonly at: number
  /** How long the machine had stood still until then (ms). */
  readonly stalledMs: number
}

/** A commit the gate refused. */
export type Refused = Acknowledged & { readonly message: string }

/** What to do with the reply to one commit: pass it on, or drop the connection instead. */
export type OnReply = (commit: Acknowledged) => 'pass' | 'drop' | Promise<'pass' | 'drop'>

type Envelope = { executionPayload: { blockNumber: Hex; blockHash: Hex } }
type Call = { method: string; params?: [Envelope] }

/**
 * The wire between the op-nodes and the gate: passes everything on, notes what was acknowledged and
 * refused, and can lose a reply the gate has already given.
 */
export class Wire {
  readonly acknowledged: Acknowledged[] = []
  readonly refused: Refused[] = []
  #onReply: OnReply | undefined
  #cutOff: string | undefined
  #gatePort = 0
  #port = 0
  readonly #server = createServer((request, response) => {
    this.#pass(request, response).catch(() => response.destroy())
  })

  /** Listens; the gate may come later. */
  async start(): Promise<void> {
    this.#server.listen(0, '127.0.0.1')
    await once(this.#server, 'listening')
    this.#port = (this.#server.address() as AddressInfo).port
  }

  /** Where the gate is. */
  connect(gatePort: number): void {
    this.#gatePort = gatePort
  }

  get url(): string {
    return `http://127.0.0.1:${this.#port}`
  }

  /** The `--conductor.rpc` of a node. */
  conductorRpc(chain: number, node: string, secret: string): string {
    return `http://${node}:${encodeURIComponent(secret)}@127.0.0.1:${this.#port}/v1/chains/${chain}/nodes/${node}`
  }

  /** Answers no more commits of this node, until it is given another one (or none). */
  refuseCommitsOf(node: string | undefined): void {
    this.#cutOff = node
  }

  /** Asks this about each acknowledged commit, until it has said `drop` once. */
  intercept(onReply: OnReply): void {
    this.#onReply = onReply
  }

  stop(): void {
    this.#server.close()
    this.#server.closeAllConnections()
  }

  async #pass(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const body = await buffer(request)
    const { method, url, headers } = request
    const isCommit = body.includes('conductor_commitUnsafePayload')
    if (isCommit && this.#cutOff !== undefined && url?.endsWith(`/${this.#cutOff}`)) {
      return void response.writeHead(503).end()
    }
    const onward = send({ host: '127.0.0.1', port: this.#gatePort, method, path: url, headers, agent: false })
    onward.end(body)
    const [reply] = (await Promise.race([
      once(onward, 'response'),
      once(onward, 'error').then(([error]) => Promise.reject(error)),
    ])) as [IncomingMessage]
    const answer = await buffer(reply)
    if ((await this.#note(url ?? '', body, answer)) === 'drop') return void response.destroy()
    response.writeHead(reply.statusCode ?? 502, reply.headers)
    response.end(answer)
  }

  async #note(url: string, body: Buffer, answer: Buffer): Promise<'pass' | 'drop'> {
    const { method, params } = JSON.parse(body.toString()) as Call
    if (method !== 'conductor_commitUnsafePayload' || !params) return 'pass'
    const { blockNumber, blockHash } = params[0].executionPayload
    const node = url.split('/').at(-1) ?? ''
    const commit = { node, number: Number(blockNumber), hash: blockHash, at: Date.now(), stalledMs: stalledMs() }
    const { error } = JSON.parse(answer.toString()) as { error?: { message: string } }
    if (error) {
      this.refused.push({ ...commit, message: error.message })
      return 'pass'
    }
    this.acknowledged.push(commit)
    const verdict = (await this.#onReply?.(commit)) ?? 'pass'
    if (verdict === 'drop') this.#onReply = undefined
    return verdict
  }
}
