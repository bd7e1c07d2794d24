import { afterEach, expect, test } from 'vitest'
import { pause } from '../../lib/operator/modes.ts'
import { switchover } from '../../lib/operator/switchover.ts'
import { type Stage, setStage } from './stage.ts'

let stage: Stage

afterEach(() => stage.close())

const acts = async (what: string) =>
  (await stage.ports.history.list('901', { limit: 500 })).filter((each) => each.what === what)

/** Begins a switchover between two nodes of which, from then on, none can commit. */
async function switchOverInVain(nodes: number): Promise<void> {
  stage = await setStage({ blockTimeMs: 1_000, nodes })
  const monitor = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('a calm chain', () => monitor.latest()?.decision.condition === 'ok')
  const before = (await acts('grant')).length
  stage.secretsGone = true
  await switchover(stage.ports, { to: 'bob', by: 'ann' })
  await stage.until('the grant', async () => (await acts('grant')).length > before)
}

test('two nodes that both fail after a switchover: a page within 12 s, four grants at most, no more in a pause', async () => {
  await switchOverInVain(2)
  const began = Date.now()
  const first = (await acts('grant')).length
  await stage.until('a page', async () => (await acts('page')).length > 0, 12_000)
  expect(Date.now() - began).toBeLessThan(12_000)
  await pause(stage.ports, 'ann')
  const grants = (await acts('grant')).length
  expect(grants - first).toBeLessThanOrEqual(3)
  await stage.ports.clock.sleep(3_000)
  expect((await acts('grant')).length).toBe(grants)
  for (const what of ['cool-down', 'start', 'stop']) {
    const reported = (await acts(what)).map(({ node, term, reasons }) => `${node} ${term} ${reasons[0]?.code}`)
    expect(new Set(reported).size, what).toBe(reported.length)
  }
}, 40_000)

test('a fenced sequencer that does not stop is asked after a pause, and both tries are one record', async () => {
  stage = await setStage()
  const { kill } = stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await switchover(stage.ports, { to: 'bob', by: 'ann' })
  await stage.leads((leader) => leader === 'bob')
  await stage.until('ada was stopped', async () => (await acts('stop')).length > 0)
  await kill()
  // From here on its op-node refuses to stop, and says that it sequences.
  const { port } = stage.ports
  let asked = 0
  const deaf = {
    ...port('ada'),
    stop: async () => {
      asked++
      throw new Error('sequencer not running')
    },
    observe: async (...given: Parameters<ReturnType<typeof port>['observe']>) => {
      const look = await port('ada').observe(...given)
      if (!look.consensus.ok) return look
      return { ...look, consensus: { ok: true as const, value: { ...look.consensus.value, sequencing: true } } }
    },
  }
  Object.assign(stage.ports, { port: (node: string) => (node === 'ada' ? deaf : port(node)) })
  const before = (await acts('stop')).length
  stage.monitor('next')
  await stage.until('both tries in one record', async () => (await acts('stop'))[0]?.count === 2, 15_000)
  expect(asked).toBe(2)
  expect((await acts('stop')).length - before).toBe(1)
}, 30_000)
