import { afterEach, expect, test } from 'vitest'
import { createNodeClient } from '../../lib/chain/client.ts'
import { postUnsafePayload } from '../../lib/chain/sequencer.ts'
import { adopt } from '../../lib/operator/adopt.ts'
import { renderReason } from '../../lib/protocol/reason.ts'
import { type RelayedStage, relayedStage } from './relayed-stage.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage | undefined
let relayed: RelayedStage | undefined
afterEach(async () => {
  await stage?.close()
  await relayed?.close()
  stage = relayed = undefined
})

type Monitor = ReturnType<Stage['monitor']>
const pageOf = (monitor: Monitor) => monitor.latest()?.decision.page.map(renderReason).join('; ') ?? ''

test('the double does what kona-node does', async () => {
  stage = await setStage({ kona: ['cyd'] })
  const { chain, until } = stage
  const cyd = chain.node('cyd')
  const refused: bigint[] = []
  chain.events.on('refused', ({ block }) => refused.push(block.number))
  await until('it sequences from its boot on', () => cyd.execution.head.number > 1n)
  await until('its refused blocks are everywhere', () => chain.node('ada').execution.head.number > 1n)
  expect(refused.length).toBeGreaterThan(0)
  await cyd.consensus.sequencer.stop()
  const client = createNodeClient(cyd.consensusUrl)
  await client.request({ method: 'admin_startSequencer', params: [`0x${'ab'.repeat(32)}`] })
  expect(cyd.consensus.sequencer.active).toBe(true)
  await cyd.consensus.sequencer.stop()
  const older = cyd.execution.at(1n)
  if (!older) throw new Error('it has block 1')
  await postUnsafePayload(client, older.envelope)
  await until('an older block is its head', () => cyd.consensus.heads?.unsafe.number === 1n)
})

test('a chain with a kona-node is never armed nor adopted; the page says why', async () => {
  stage = await setStage({ kona: ['cyd'] })
  const { ports, until } = stage
  const monitor = stage.monitor()
  await until('it is reported', () => pageOf(monitor).includes('cyd: its consensus client is kona-node (1.12.0)'))
  await ports.clock.sleep(3_000)
  await expect(adopt(ports, { to: 'ada', by: 'ann' })).rejects.toThrow('Baton cannot fence this chain')
  expect(await ports.heads.read('901')).toBeUndefined()
  const verdict = monitor.latest()?.decision.verdicts.find(({ node }) => node === 'cyd')
  expect(verdict).toMatchObject({ eligible: false })
})

test('an op-node that is replaced by kona-node is never granted', async () => {
  relayed = await relayedStage()
  const { at, stage: on } = relayed
  const monitor = on.monitor()
  await on.leads((leader) => leader === 'ada')
  await on.chain.node('bob').kill('consensus')
  await on.until(
    'bob is away',
    () => monitor.latest()?.decision.verdicts.find(({ node }) => node === 'bob')?.role === 'down',
  )
  if (at.bob) at.bob.consensus.edit.optimism_version = () => '1.12.0'
  await on.chain.node('bob').restart('consensus')
  await on.until('it is reported', () => pageOf(monitor).includes('bob: its consensus client is kona-node'))
  await on.chain.node('ada').kill('host')
  expect(await on.leads((leader) => leader !== 'ada')).toBe('cyd')
  const grants = (await on.ports.history.list('901')).filter(({ what }) => what === 'grant').map(({ node }) => node)
  expect(grants).toEqual(['cyd', 'ada'])
})
