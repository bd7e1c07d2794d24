import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { keccak256, numberToHex, stringToBytes } from 'viem'
import type { Hash } from '../../lib/protocol/block.ts'
import { toItem } from '../../lib/store/dynamo/attributes.ts'
import { defaultTableNames } from '../../lib/store/stores.ts'

// The world of a monitor under measurement, as a process of its own: every node's RPC endpoints, and the
// DynamoDB API. All of it follows from the clock, so that it costs little: each chain has a block every two
// seconds, on whole seconds as OP chains have, committed by its first node in time.

const BLOCK_MS = 2_000
const genesisMs = Math.floor(Date.now() / 1_000) * 1_000 - 1_000 * BLOCK_MS
const counts: Record<string, number> = {}
const leases = new Map<string, Record<string, unknown>>()

const word = (text: string): Hash => keccak256(stringToBytes(text))
const hashes = new Map<number, Hash>()
function hashOf(number: number): Hash {
  const known = hashes.get(number) ?? word(`block ${number}`)
  hashes.set(number, known)
  return known
}

/** The newest block of a chain; chains with odd numbers are a second later. A block takes a moment to be committed. */
function headOf(chain: number) {
  const late = (chain % 2) * 1_000 + 20 + (chain % 60)
  const number = Math.floor((Date.now() - genesisMs - late) / BLOCK_MS)
  const seconds = (genesisMs + (chain % 2) * 1_000 + number * BLOCK_MS) / 1_000
  return {
    number,
    hash: hashOf(number),
    parentHash: hashOf(number - 1),
    seconds,
    committedAt: seconds * 1_000 + 20 + (chain % 60),
  }
}

const l1 = () => {
  const number = Math.floor(Date.now() / 12_000)
  return { number, hash: hashOf(number), parentHash: hashOf(number - 1), timestamp: number * 12 }
}

function rpc(chain: number, node: number, method: string, [at]: readonly unknown[] = []): unknown {
  const newest = headOf(chain)
  const { number, hash, parentHash, seconds } = newest
  const l1Head = l1()
  const l2 = {
    number,
    hash,
    parentHash,
    timestamp: seconds,
    l1origin: { number: l1Head.number, hash: l1Head.hash },
    sequenceNumber: 0,
  }
  switch (method) {
    case 'optimism_syncStatus':
      return { current_l1: l1Head, head_l1: l1Head, unsafe_l2: l2, safe_l2: l2, finalized_l2: l2 }
    case 'admin_sequencerActive':
      return node === 0
    case 'admin_conductorEnabled':
      return true
    case 'eth_syncing':
      return false
    case 'optimism_version':
    case 'web3_clientVersion':
      return 'bench/v1.0.0'
    case 'opp2p_peerStats':
      return { connected: 2 }
    case 'eth_getBlockByNumber':
      return block(typeof at === 'string' && at.startsWith('0x') ? Number(at) : number, newest)
    default:
      return '0x1'
  }
}

function block(number: number, newest: ReturnType<typeof headOf>) {
  if (number > newest.number) return null
  const seconds = newest.seconds - ((newest.number - number) * BLOCK_MS) / 1_000
  return {
    number: numberToHex(number),
    hash: hashOf(number),
    parentHash: hashOf(number - 1),
    timestamp: numberToHex(seconds),
    ...bulk,
  }
}

/** What a header weighs besides: the client must parse it. */
const bulk = {
  logsBloom: `0x${'00'.repeat(256)}`,
  stateRoot: word('state'),
  receiptsRoot: word('receipts'),
  transactions: Array.from({ length: 20 }, (_, i) => word(`transaction ${i}`)),
}

type Call = { readonly id: number; readonly method: string; readonly params?: readonly unknown[] }

function answerNode(path: string, body: string): string {
  const [, chain = 0, node = 0] = path.split('/').map(Number)
  const calls = JSON.parse(body) as Call | Call[]
  const reply = ({ id, method, params }: Call) => ({
    jsonrpc: '2.0',
    id,
    result: rpc(chain, node, method, params),
  })
  return JSON.stringify(Array.isArray(calls) ? calls.map(reply) : reply(calls))
}

type Input = {
  TableName: string
  Key?: { chain: { S: string } }
  UpdateExpression?: string
  ExpressionAttributeNames?: Record<string, string>
  ExpressionAttributeValues?: Record<string, unknown>
  RequestItems?: Record<string, { Keys: { chain: { S: string } }[] }>
}

/** The DynamoDB API without its conditions: there is one monitor, and no other to lose against. */
function answerStore(operation: string, input: Input): object {
  const { TableName: table, Key } = input
  const key = Key?.chain.S ?? ''
  switch (operation) {
    case 'GetItem':
      return { Item: itemOf(table, key) }
    case 'BatchGetItem':
      return {
        UnprocessedKeys: {},
        Responses: Object.fromEntries(
          Object.entries(input.RequestItems ?? {}).map(([name, { Keys }]) => [
            name,
            Keys.map(({ chain }) => itemOf(name, chain.S)),
          ]),
        ),
      }
    case 'UpdateItem': {
      const item = { ...itemOf(table, key) }
      for (const [, name = '', value = ''] of (input.UpdateExpression ?? '').matchAll(/(#\d+) = (:\d+)/g)) {
        const field = input.ExpressionAttributeNames?.[name] ?? ''
        item[field] = input.ExpressionAttributeValues?.[value]
      }
      leases.set(key, item)
      return { Attributes: item }
    }
    default:
      return {}
  }
}

function itemOf(table: string, key: string): Record<string, unknown> {
  if (table === defaultTableNames.heads) {
    const { number, hash, parentHash, seconds, committedAt } = headOf(Number(key))
    const place = { chain: key, number, hash, parentHash, timestamp: seconds, leader: 'node0', term: 1 }
    return toItem({ ...place, committedTerm: 1, committedAt, fencedAt: 0 })
  }
  const now = Date.now()
  if (key.startsWith('monitor#')) return toItem({ chain: key, owner: 'bench', until: now + 4_000, since: 0 })
  const fresh = {
    chain: key,
    leader: 'node0',
    term: 1,
    cause: { code: 'bootstrap', by: 'baton' },
    previousLeader: '',
    grantedAt: 0,
    renewedAt: now,
    expiresAt: now + 6_000,
    mode: 'auto',
    modeBy: 'baton',
    modeAt: 0,
    armedAt: 1,
    tried: [],
    grants: [],
    cooldownUntil: 0,
    quarantine: {},
    orders: 0,
  }
  const item = leases.get(key) ?? toItem(fresh)
  leases.set(key, item)
  return item
}

const server = createServer((request, response) => {
  let body = ''
  request.setEncoding('utf8').on('data', (text: string) => {
    body += text
  })
  request.on('end', () => {
    const target = request.headers['x-amz-target']
    let answer: string
    if (typeof target === 'string') {
      const operation = target.split('.')[1] ?? ''
      counts[operation] = (counts[operation] ?? 0) + 1
      response.setHeader('content-type', 'application/x-amz-json-1.0')
      answer = JSON.stringify(answerStore(operation, JSON.parse(body) as Input))
    } else {
      counts.node = (counts.node ?? 0) + 1
      response.setHeader('content-type', 'application/json')
      answer = answerNode(request.url ?? '', body)
    }
    response.setHeader('content-length', Buffer.byteLength(answer))
    response.end(answer)
  })
})
server.keepAliveTimeout = 120_000
server.maxConnections = 100_000
// On every loopback address: each node has one of its own, and connections of its own.
server.listen({ port: 0, host: '0.0.0.0', backlog: 4_096 }, () =>
  process.send?.({ port: (server.address() as AddressInfo).port }),
)
process.on('message', () => {
  const { user, system } = process.cpuUsage()
  process.send?.({ counts: { ...counts }, cpuMs: (user + system) / 1_000 })
})
process.on('disconnect', () => process.exit())
