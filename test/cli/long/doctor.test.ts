import { execFileSync } from 'node:child_process'
import { createHmac } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest'
import { jsonSchemas } from '../../../bin/json.ts'
import { silentLog } from '../../../lib/log.ts'
import { startLocal } from '../../../lib/serve/start.ts'
import { baton } from '../run-cli.ts'

// A live simulated fleet behind its gate; each broken fleet is the same with one thing wrong.

const folder = mkdtempSync(join(tmpdir(), 'baton-doctor-'))
const PATIENCE = { timeout: 120_000 }
const jwt = '11'.repeat(32)

let local: Awaited<ReturnType<typeof startLocal>>
let gate: string
beforeAll(async () => {
  local = await startLocal({
    ...{ folder: join(folder, '.baton'), operator: 'ada', log: silentLog },
    ...{ pagePort: 0, gatePort: 0 },
  })
  gate = `http://127.0.0.1:${local.config.gate.port}`
  const leads = async () => (await local.ports.heads.read('901').catch(() => undefined))?.leader
  while ((await leads()) !== 'ada') await new Promise((resolve) => setTimeout(resolve, 200))
}, 120_000)
afterAll(async () => {
  await local.stop()
  rmSync(folder, { recursive: true })
})

type Node = Record<string, unknown> & { name: string; consensus: string; execution: string; secrets: unknown[] }
type Fleet = { chain: Record<string, unknown>; nodes: Node[] }

/** The fleet as it is. */
const sound = (): Fleet => ({
  chain: { id: 901, name: 'simulated', blockTime: 2 },
  nodes: local.config.nodes.map(({ name, zone, consensus, execution, secrets }) => ({
    ...{ name, zone, consensus, execution },
    secrets: [...(secrets ?? [])],
  })),
})

const bob = ({ nodes }: Fleet): Node => {
  const found = nodes.find(({ name }) => name === 'bob')
  if (!found) throw new Error('bob is not configured')
  return found
}

/** What one method answers instead; the rest comes from the node. */
type Changed = {
  readonly method?: Readonly<Record<string, object>>
  readonly date?: string
  readonly block0?: string
  readonly called?: string[]
}

/** One answer of a node. */
async function ask(url: string, method: string): Promise<{ result?: unknown }> {
  const body = JSON.stringify({ jsonrpc: '2.0', id: 1, method, params: [] })
  const answered = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
  return (await answered.json()) as { result?: unknown }
}
const rollupOf = async (url: string) =>
  (await ask(url, 'optimism_rollupConfig')).result as Readonly<Record<string, unknown>>

/** The same endpoint behind TLS, with a certificate that no authority has signed. */
async function withOwnCertificate(url: string): Promise<string> {
  const [key, cert] = ['key', 'cert'].map((name) => join(folder, `${name}.pem`)) as [string, string]
  const subject = ['-nodes', '-subj', '/CN=127.0.0.1', '-addext', 'subjectAltName=IP:127.0.0.1', '-days', '2']
  execFileSync('openssl', ['req', '-x509', '-newkey', 'rsa:2048', '-keyout', key, '-out', cert, ...subject], {
    stdio: 'ignore',
  })
  const server = createSecureServer({ key: readFileSync(key), cert: readFileSync(cert) }, async (request, response) => {
    const answered = await fetch(url, { method: 'POST', body: await bodyOf(request) })
    response.end(await answered.text())
  })
  return (await listen(server)).replace('http:', 'https:')
}

/** Serves a node's endpoint with something wrong. */
async function behind(url: string, { method = {}, date, block0, called }: Changed): Promise<string> {
  return await serve(async (request, response) => {
    const body = await bodyOf(request)
    if (date) response.setHeader('date', date)
    response.setHeader('content-type', 'application/json')
    const call = body === '' ? undefined : (JSON.parse(body) as { id: number; method: string; params?: unknown[] })
    if (call) called?.push(call.method)
    const isGenesis = call?.method === 'eth_getBlockByNumber' && call.params?.[0] === '0x0'
    const instead = isGenesis && block0 ? { result: { hash: block0 } } : call && method[call.method]
    if (call && instead) return response.end(JSON.stringify({ jsonrpc: '2.0', id: call.id, ...instead }))
    if (body === '') return response.end('{}')
    const answered = await fetch(url, { method: 'POST', body, headers: { 'content-type': 'application/json' } })
    return response.end(await answered.text())
  })
}

async function serve(answer: (request: IncomingMessage, response: ServerResponse) => unknown): Promise<string> {
  return await listen(createServer((request, response) => void answer(request, response)))
}

async function listen(server: Server): Promise<string> {
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  onTestFinished(() => {
    server.closeAllConnections()
    server.close()
  })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = []
  for await (const chunk of request) chunks.push(chunk as Buffer)
  return Buffer.concat(chunks).toString()
}

/** An engine that takes tokens of one secret only. */
const engine = () =>
  serve(async (request, response) => {
    const [head = '', claims = '', signature] = (request.headers.authorization ?? '').replace('Bearer ', '').split('.')
    const expected = createHmac('sha256', Buffer.from(jwt, 'hex')).update(`${head}.${claims}`).digest('base64url')
    const { id } = JSON.parse(await bodyOf(request)) as { id: number }
    if (signature !== expected) return response.writeHead(401).end('invalid token')
    return response.end(JSON.stringify({ jsonrpc: '2.0', id, result: ['engine_newPayloadV4'] }))
  })

async function examine(fleet: Fleet, env: NodeJS.ProcessEnv = {}) {
  const path = join(folder, 'fleet.json')
  writeFileSync(path, JSON.stringify(fleet))
  const words = ['doctor', '--config', path, '--gate', gate, '--wired']
  const { code, out, err } = await baton([...words, '--json'], folder, env)
  const said = JSON.parse(out || err)
  expect(v.safeParse(jsonSchemas.doctor ?? v.never(), said).issues, err).toBeUndefined()
  const findings: { check: string; node?: string; verdict: string; text: string; todo?: string }[] = said.findings
  return { code, wrong: findings.filter(({ verdict }) => verdict === 'bad' || verdict === 'warn'), findings }
}

test(
  'a fleet that is in order: nothing is wrong, and nothing was left out that could be checked',
  PATIENCE,
  async () => {
    const fleet = sound()
    bob(fleet).engine = { url: await engine(), jwt: { env: 'BOBS_JWT' } }
    const { code, wrong, findings } = await examine(fleet, { BOBS_JWT: jwt })
    expect(wrong).toEqual([])
    expect(code).toBe(0)
    const of = (node: string) => findings.filter((each) => each.node === node && each.verdict === 'ok')
    expect(
      of('bob')
        .map(({ check }) => check)
        .toSorted(),
    ).toEqual([
      'admin',
      'chain',
      'clock',
      'conductor',
      'configuration',
      'engine',
      'execution',
      'op-node',
      'peers',
      'secrets',
      'sync',
      'versions',
      'wired',
    ])
  },
)

const notFound = { error: { code: -32601, message: 'the method does not exist/is not available' } }

/** Each breaks the fleet in one way; the doctor must name the node, the check and the fault. */
const broken: Readonly<
  Record<string, readonly [(fleet: Fleet) => unknown, check: string, node: string | undefined, text: RegExp]>
> = {
  'op-node is down': [(fleet) => (bob(fleet).consensus = 'http://127.0.0.1:59997'), 'op-node', 'bob', /ECONNREFUSED/],
  'the execution client is down': [
    (fleet) => (bob(fleet).execution = 'http://127.0.0.1:59997'),
    'execution',
    'bob',
    /ECONNREFUSED/,
  ],
  'the chain is another one': [
    (fleet) => (fleet.chain.id = 902),
    'chain',
    'bob',
    /on chain 901; the configuration says 902/,
  ],
  'consensus and execution are swapped': [
    (fleet) => {
      const node = bob(fleet)
      Object.assign(node, { consensus: node.execution, execution: node.consensus })
    },
    'op-node',
    'bob',
    /does not answer/,
  ],
  'the admin API is off': [
    async (fleet) => {
      const method = {
        admin_sequencerActive: notFound,
        admin_conductorEnabled: notFound,
        admin_startSequencer: notFound,
      }
      bob(fleet).consensus = await behind(bob(fleet).consensus, { method })
    },
    'admin',
    'bob',
    /admin API/,
  ],
  'op-node has no conductor': [
    async (fleet) => {
      const method = { admin_conductorEnabled: { result: false } }
      bob(fleet).consensus = await behind(bob(fleet).consensus, { method })
    },
    'conductor',
    'bob',
    /without a conductor/,
  ],
  'a clock is wrong': [
    async (fleet) => {
      const date = new Date(Date.now() - 90_000).toUTCString()
      bob(fleet).consensus = await behind(bob(fleet).consensus, { date })
    },
    'clock',
    'bob',
    /behind the clock here/,
  ],
  'the versions differ': [
    async (fleet) => {
      const method = { optimism_version: { result: 'v1.16.0-stable' } }
      bob(fleet).consensus = await behind(bob(fleet).consensus, { method })
    },
    'versions',
    'bob',
    /v1\.16\.0/,
  ],
  'it is not op-node': [
    async (fleet) => {
      const method = { optimism_version: { result: 'kona-node 1.12.0' } }
      bob(fleet).consensus = await behind(bob(fleet).consensus, { method })
    },
    'versions',
    'bob',
    /not op-node/,
  ],
  'it is a fork of op-node': [
    async (fleet) => {
      const method = { optimism_version: { result: 'celo-v2.2.4' } }
      bob(fleet).consensus = await behind(bob(fleet).consensus, { method })
    },
    'versions',
    'bob',
    /celo-v2\.2\.4: it is not known/,
  ],
  'a fork time differs': [
    async (fleet) => {
      const config = await rollupOf(bob(fleet).consensus)
      const method = { optimism_rollupConfig: { result: { ...config, new_fork_time: 4_000_000_000 } } }
      bob(fleet).consensus = await behind(bob(fleet).consensus, { method })
    },
    'configuration',
    'bob',
    /new_fork_time 4000000000, the others have never/,
  ],
  'the rollup configuration differs': [
    async (fleet) => {
      const config = await rollupOf(bob(fleet).consensus)
      const method = { optimism_rollupConfig: { result: { ...config, block_time: 7 } } }
      bob(fleet).consensus = await behind(bob(fleet).consensus, { method })
    },
    'configuration',
    'bob',
    /block_time 7, the others have 2/,
  ],
  'two names lead to one node': [
    async (fleet) => {
      const cyd = fleet.nodes.find(({ name }) => name === 'cyd')
      const { result } = await ask(cyd?.consensus ?? '', 'opp2p_self')
      bob(fleet).consensus = await behind(bob(fleet).consensus, {
        method: { opp2p_self: { result: result as object } },
      })
    },
    'configuration',
    'bob',
    /same peer id as cyd/,
  ],
  'the genesis is another one': [
    async (fleet) => {
      const config = await rollupOf(bob(fleet).consensus)
      const hash = `0x${'ab'.repeat(32)}`
      const l2 = { ...(config.genesis as { l2: object }).l2, hash }
      const genesis = { ...(config.genesis as object), l2 }
      bob(fleet).consensus = await behind(bob(fleet).consensus, {
        method: { optimism_rollupConfig: { result: { ...config, genesis } } },
      })
      bob(fleet).execution = await behind(bob(fleet).execution, { block0: hash })
    },
    'configuration',
    'bob',
    /genesis/,
  ],
  'its certificate is signed by nobody': [
    async (fleet) => (bob(fleet).consensus = await withOwnCertificate(bob(fleet).consensus)),
    'op-node',
    'bob',
    /self-signed certificate/,
  ],
  'op-node asks a conductor that is not there': [
    async (fleet) => {
      const message = 'sequencer leader check failed: dial tcp 10.0.0.9:8547: connect: connection refused'
      const method = { admin_startSequencer: { error: { code: -32000, message } } }
      bob(fleet).consensus = await behind(bob(fleet).consensus, { method })
    },
    'wired',
    'bob',
    /does not answer: .*connection refused/,
  ],
  'the gate has another secret': [(fleet) => (bob(fleet).secrets = ['another-secret']), 'secrets', 'bob', /refuses/],
  'a secret is not there': [
    (fleet) => (bob(fleet).secrets = [{ env: 'NO_SUCH_SECRET_OF_BOB' }]),
    'secrets',
    undefined,
    /NO_SUCH_SECRET_OF_BOB|nodes\[1\]\.secrets/,
  ],
  'the engine has another JWT secret': [
    async (fleet) => (bob(fleet).engine = { url: await engine(), jwt: { env: 'BOBS_JWT' } }),
    'engine',
    'bob',
    /refuses the JWT secret/,
  ],
  'two nodes sequence': [
    async (fleet) => {
      const method = { admin_sequencerActive: { result: true } }
      bob(fleet).consensus = await behind(bob(fleet).consensus, { method })
    },
    'leader',
    undefined,
    /ada and bob sequence at once/,
  ],
}

test.each(Object.entries(broken))('%s', PATIENCE, async (_, [breakIt, check, node, text]) => {
  const fleet = sound()
  await breakIt(fleet)
  const { code, wrong } = await examine(fleet, { BOBS_JWT: '22'.repeat(32) })
  expect(wrong).toContainEqual(
    expect.objectContaining({ check, text: expect.stringMatching(text), todo: expect.stringMatching(/./) }),
  )
  expect(wrong.find((each) => each.check === check && (node === undefined || each.node === node))).toBeDefined()
  expect(code).toBe(wrong.some(({ verdict }) => verdict === 'bad') ? 1 : 0)
})

test('a client that starts wherever it is asked to is stopped again, and named', PATIENCE, async () => {
  const fleet = sound()
  const called: string[] = []
  const method = {
    optimism_version: { result: 'v1.12.0' },
    admin_startSequencer: { result: null },
    admin_stopSequencer: { result: `0x${'ab'.repeat(32)}` },
  }
  bob(fleet).consensus = await behind(bob(fleet).consensus, { method, called })
  const { code, wrong } = await examine(fleet)
  expect(wrong).toContainEqual(
    expect.objectContaining({ node: 'bob', check: 'wired', text: expect.stringContaining('stopped again') }),
  )
  const admin = ['admin_startSequencer', 'admin_stopSequencer']
  expect(called.filter((each) => admin.includes(each))).toEqual(admin)
  expect(code).toBe(1)
})

test('the table names what is wrong first, within 80 columns', PATIENCE, async () => {
  const fleet = sound()
  bob(fleet).execution = 'http://127.0.0.1:59997'
  const path = join(folder, 'fleet.json')
  writeFileSync(path, JSON.stringify(fleet))
  const { code, out } = await baton(['doctor', '--config', path, '--all'], folder)
  expect(out).toMatch(/\| bad +\| bob +\| execution +\|[\s\S]*\| ok /)
  expect(out).toMatch(/^1 bad, \d+ to look at, \d+ in order, \d+ not checked$/m)
  expect(code).toBe(1)
})
