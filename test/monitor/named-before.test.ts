import { afterEach, expect, test } from 'vitest'
import { inspectChain, type Snapshot } from '../../lib/context/inspect.ts'
import { renderNodes } from '../../lib/page/render-nodes.ts'
import { plain } from '../../lib/terminal/paint.ts'
import { renderStatus } from '../../lib/terminal/render-status.ts'
import { type RelayedStage, relayedStage } from './relayed-stage.ts'

/** What is wrong with a standby is read in `baton status` and on the page before the standby is needed. */

let set: RelayedStage | undefined
afterEach(() => set?.close())

/** Runs a monitor until it pages for bob, then asks as `baton status` and the page do, in a process of its own. */
async function shown(stage: RelayedStage['stage'], code: string): Promise<{ status: string; page: string }> {
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  const pages = () => monitor.latest()?.decision.page ?? []
  await stage.until(
    `${code} is paged for`,
    () => pages().some((each) => each.code === code && each.node === 'bob'),
    20_000,
  )
  await stage.until('it is recorded', async () =>
    (await stage.ports.history.list('901')).some(
      ({ what, reasons }) => what === 'page' && reasons.some((each) => each.code === code),
    ),
  )
  const snapshot: Snapshot = await inspectChain(stage.ports)
  return { status: renderStatus(snapshot, plain), page: String(renderNodes(snapshot)) }
}

test('two nodes with differing fork times', { timeout: 60_000 }, async () => {
  set = await relayedStage()
  const { at, stage } = set
  if (at.bob)
    at.bob.consensus.edit.optimism_rollupConfig = (config) => ({ ...(config as object), karst_time: 1_900_000_000 })
  const { status, page } = await shown(stage, 'fork-differs')
  for (const text of [status, page]) expect(text).toMatch(/karst_time 1900000000, the others have never/)
})

test('a node of another chain', { timeout: 60_000 }, async () => {
  set = await relayedStage()
  const { at, stage } = set
  const first = stage.monitor('first')
  await stage.leads((leader) => leader === 'ada')
  await first.kill()
  // What is behind bob's address from now on.
  if (at.bob) at.bob.execution.edit.eth_chainId = () => '0x386'
  at.bob?.execution.cut()
  const { status, page } = await shown(stage, 'other-chain')
  for (const text of [status, page]) expect(text).toMatch(/execution client is on chain 902, not 901/)
})

test('a standby with a wrong secret, which only the running monitor has tried', { timeout: 60_000 }, async () => {
  set = await relayedStage({
    conductorOf: (node, usual) => (node === 'bob' ? usual.replace(/bob:[^@]+@/, 'bob:old-secret@') : usual),
  })
  const { status, page } = await shown(set.stage, 'gate-unreachable')
  for (const text of [status, page]) expect(text).toMatch(/op-node cannot reach the gate \(.*401/)
  expect(status).toContain('Needs a person: bob: its op-node cannot reach the gate')
})

test('a standby whose engine lacks what the leader’s offers', { timeout: 60_000 }, async () => {
  set = await relayedStage()
  const { stage } = set
  stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  const all = ['engine_newPayloadV4', 'engine_getPayloadV4', 'engine_getPayloadV5']
  const offers = async (node: string) => new Set(node === 'bob' ? all.slice(0, 2) : all)
  const silent = async (node: string) => (node === 'bob' ? Promise.reject(new Error('away')) : new Set(all))
  const reported = async (engineMethods: typeof offers) => {
    const snapshot = await inspectChain({ ...stage.ports, engineMethods })
    return { status: renderStatus(snapshot, plain), page: String(renderNodes(snapshot)) }
  }
  expect((await reported(offers)).page).toContain('does not offer engine_getPayloadV5')
  expect((await reported(offers)).status).toMatch(/bob: +.*does not offer engine_getPayloadV5/)
  expect((await reported(silent)).page).not.toContain('does not offer')
})
