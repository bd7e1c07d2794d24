import { afterEach, beforeEach, expect, test } from 'vitest'
import { freshMemory } from '../../lib/context/memory.ts'
import type { FleetBook } from '../../lib/context/node-identity.ts'
import { rpcNodePort } from '../../lib/context/node-port.ts'
import { type ChainPorts, systemClock } from '../../lib/context/ports.ts'
import { silentLog } from '../../lib/log.ts'
import { ask } from '../../lib/monitor/acts/ask.ts'
import { start } from '../../lib/monitor/acts/start.ts'
import { reason } from '../../lib/protocol/reason.ts'
import type { HistoryRecord } from '../../lib/protocol/records.ts'
import { type Reply, serve, serveRpc } from '../chain/rpc-server.ts'
import { view } from '../protocol/scene.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage
beforeEach(async () => {
  stage = await setStage()
})
afterEach(() => stage.close())

const refusing = (message: string, code = -32602) =>
  serveRpc((): Reply => ({ error: { code, message } })).then(({ url }) => url)

/** Who ada is was proved before. */
const proved: FleetBook = {
  note: () => {},
  standing: () => ({ consensus: 'proved', execution: 'proved', hard: [], soft: [], reported: [] }),
}

/** The stage's ports, but ada's clients are at this URL. */
function adaAt(url: string): ChainPorts {
  const ada = rpcNodePort({ name: 'ada', consensus: url, execution: url }, systemClock, proved)
  return { ...stage.ports, log: silentLog, port: (node) => (node === 'ada' ? ada : stage.ports.port(node)) }
}

test.each([
  ['sequencer not running', () => refusing('sequencer not running'), 'sequencer not running'],
  ['an unknown error', () => refusing('sequencer not running', -32000), 'sequencer not running'],
  ['a timeout', () => serve(() => {}), 'no answer in time'],
])('a failed stop says what op-node said: %s', { timeout: 10_000 }, async (_, at, message) => {
  const decided = view()
  const { leases } = stage.ports
  // The order stands: nothing has changed since the decision.
  const ports = { ...adaAt(await at()), leases: { ...leases, read: async () => decided.lease } }
  ask(ports, freshMemory(), decided, { act: 'stop', node: 'ada', reasons: [reason('fenced-sequencing')] })
  let record: HistoryRecord | undefined
  await stage.until('a record', async () => {
    record = (await ports.history.list('901')).find(({ what }) => what === 'stop')
    return record !== undefined
  })
  expect(record?.reasons[0]).toMatchObject({ code: 'stop-failed', evidence: { message } })
})

test('a start refused to the end reports op-node’s own words, and what to do', async () => {
  const { kill } = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await kill()
  // A block that came meanwhile would be another reason.
  await stage.ports.port('ada').stop()
  await stage.until('the head is ada’s', async () => {
    const at = await stage.ports.port('ada').unsafe()
    return (await stage.ports.heads.read('901'))?.hash === at.hash
  })
  const said = 'block hash does not match: head 0xaa, received 0xbb'
  const head = await stage.ports.heads.read('901')
  const { start: refused } = adaAt(await refusing(said, -32000)).port('ada')
  const ports: ChainPorts = { ...stage.ports, port: (node) => ({ ...stage.ports.port(node), start: refused }) }
  const outcome = await start(ports, 'ada', head?.term ?? 0, 300)
  expect(outcome).toMatchObject({ started: false, message: expect.stringContaining(said) })
  expect(outcome).toMatchObject({ message: expect.stringContaining('restart op-node') })
})
