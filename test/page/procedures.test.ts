import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { silentLog } from '../../lib/log.ts'
import { openBackfill } from '../../lib/operations/backfill/open.ts'
import { planDisaster } from '../../lib/operations/disaster/procedure.ts'
import type { Acts } from '../../lib/page/acts.ts'
import { perform, plan } from '../../lib/page/perform.ts'
import { procedureInputs, type Run } from '../../lib/page/procedures.ts'
import { renderControls } from '../../lib/page/render-controls.ts'
import { renderRun } from '../../lib/page/render-run.ts'
import { backgroundJobs, type Runner } from '../../lib/serve/background-job.ts'
import { pageActs } from '../../lib/serve/page-acts.ts'
import { type Stage, setStage } from '../monitor/stage.ts'
import { happy, NOW, nodes } from './snapshots.ts'

let stage: Stage
let acts: Acts
let runner: Runner
const wrong = `0x${'ab'.repeat(32)}`

/** The acts of the local page, on simulated nodes whose machines take no steps. */
beforeAll(async () => {
  stage = await setStage()
  stage.monitor()
  await stage.leads((leader) => leader === 'ada')
  await stage.until('some blocks', () => stage.committed.length > 2)
  const configured = stage.chain.nodes.map(({ name, consensusUrl, executionUrl }) => {
    return { name, zone: 'z', consensus: consensusUrl, execution: executionUrl, secrets: [`secret-of-${name}`] }
  })
  const config = parseConfig(JSON.stringify({ chain: { id: 901, name: 'test', blockTimeMs: 400 }, nodes: configured }))
  const ports = await openBackfill(config, stage.ports, { env: {} })
  runner = backgroundJobs(silentLog, () => {})
  acts = pageActs({ ports, operator: 'grace', runner, faults: undefined })
})
afterAll(() => stage.close())

const records = async () => {
  const { heads, leases, history } = stage.ports
  const [head, lease] = [await heads.read('901'), await leases.read('901')]
  return {
    held: [head?.leader, head?.term, lease?.mode, lease?.quarantine],
    reported: (await history.list('901')).filter(({ actor }) => actor.kind === 'operator'),
  }
}

/** Each procedure with input it takes; those of a disaster with the hash of no block. */
const inputs = {
  upgrade: { to: 'v2' },
  recover: { node: 'bob' },
  backfill: { node: 'bob' },
  're-seed': { hash: wrong },
  'cold-start': { node: 'bob', hash: wrong },
  override: { node: 'bob', hash: wrong },
  return: { node: 'bob', hash: wrong },
  'to-op-conductor': { hash: wrong },
} as const satisfies Record<keyof typeof procedureInputs, object>

describe('nothing is changed by', () => {
  let before: Awaited<ReturnType<typeof records>>
  beforeEach(async () => {
    before = await records()
  })

  test.each(['re-seed', 'cold-start', 'override', 'return', 'to-op-conductor'] as const)(
    '%s with the hash of another block, with half of one, and without',
    async (name) => {
      const refused = await perform(acts, name, JSON.stringify(inputs[name]))
      expect(refused.status).toBe(409)
      expect(refused.message).toContain(wrong)
      expect(runner.current()?.ended?.how).toBe('refused')
      for (const hash of [undefined, '', '0x12', wrong.slice(0, -1), 7]) {
        const { status, message } = await perform(acts, name, JSON.stringify({ ...inputs[name], hash }))
        expect(status).toBe(400)
        expect(message).toContain('hash')
      }
      expect(await records()).toEqual(before)
    },
  )

  test('a plan, which says what would be checked', async () => {
    const shown = await plan(acts, 'override', '{"node":"bob"}')
    expect(shown).toMatchObject({ status: 200, plan: { held: false } })
    expect('plan' in shown && shown.plan.words).toContain('would check that the block is the head')
    expect(await plan(acts, 'recover', '{"node":"bob"}')).toMatchObject({ plan: { words: expect.any(String) } })
    expect(await records()).toEqual(before)
  })

  test.each<[string, string, string, number]>([
    ['a field that is missing', 'cold-start', `{"hash":"${wrong}"}`, 400],
    ['an unknown field', 'recover', '{"node":"bob","force":true}', 400],
    ['a number that is none', 'backfill', '{"node":"bob","from":"-1"}', 400],
    ['no JSON', 'recover', 'node=bob', 400],
    ['a node that is not configured', 'recover', '{"node":"eve"}', 409],
    ['taking out a node that is not configured', 'quarantine', '{"node":"eve"}', 409],
    ['a procedure that cannot be done here', 'upgrade', '{"to":"v2"}', 404],
    ['stopping where nothing runs', 'stop', '{}', 409],
  ])('%s', async (_, verb, body, status) => {
    expect((await perform(acts, verb, body)).status).toBe(status)
    expect((await records()).held).toEqual(before.held)
  })
})

test('a node is taken out by name, and put back', async () => {
  const out = async () => Object.keys((await stage.ports.leases.read('901'))?.quarantine ?? {})
  expect((await perform(acts, 'quarantine', '{"node":"cyd"}')).status).toBe(200)
  expect(await out()).toEqual(['cyd'])
  expect((await perform(acts, 'release', '{"node":"cyd"}')).status).toBe(200)
  expect(await out()).toEqual([])
})

test('a backfill of a node that lacks nothing says so', async () => {
  expect(await perform(acts, 'backfill', '{"node":"bob"}')).toMatchObject({ status: 200 })
  await stage.until('its end', () => runner.current()?.ended !== undefined)
  expect(runner.current()).toMatchObject({ title: 'Backfill of bob', by: 'grace', ended: { how: 'done' } })
})

test('an override can be planned while the records are gone: with the heads of the nodes', async () => {
  stage.storeGone = true
  try {
    const { text: words } = await planDisaster(stage.ports, 'override')
    expect(words).toContain('the records cannot be read')
    expect(words).toMatch(/ada: block \d+ 0x[0-9a-f]{64}/)
    await expect(planDisaster(stage.ports, 're-seed')).rejects.toThrow()
  } finally {
    stage.storeGone = false
  }
})

describe('shown', () => {
  test('what is dangerous is folded away, and what cannot be done says what to configure', () => {
    const markup = renderControls(happy, acts)?.text ?? ''
    expect(markup).not.toContain('<details open')
    expect(markup).toContain('Not available: no host access configured for ada, bob, cyd: add nodes[].host')
    expect(markup).not.toContain('data-procedure="upgrade"')
    for (const name of Object.keys(procedureInputs).filter((each) => each !== 'upgrade')) {
      const form = new RegExp(`data-procedure="${name}"[^>]*>`).exec(markup)?.[0] ?? ''
      expect(form.includes('data-confirm'), name).toBe('hash' in inputs[name as keyof typeof inputs])
    }
    expect(markup).toContain(`<option>${nodes[0]?.name}</option>`)
  })

  test('nothing of it where no procedure is offered', () => {
    const { procedures: _, ...simple } = acts
    expect(renderControls(happy, simple)?.text).not.toContain('<details')
  })

  const run: Run = {
    title: 'Rolling upgrade to v2',
    by: 'grace',
    startedAt: NOW - 63_000,
    steps: [
      { label: 'upgrade seq-c to v2', state: 'done' },
      { label: 'upgrade seq-b to v2', state: 'under way' },
      { label: 'upgrade seq-a to v2', state: 'left' },
    ],
    lines: [],
    stopping: false,
  }
  const seen = (shown: Run) =>
    renderRun(shown, NOW)
      .text.replace(/<[^>]*>/g, ' ')
      .replace(/\s+/g, ' ')
      .trim()

  test.each<[string, Run, string]>([
    ['each step', run, '✓ upgrade seq-c to v2 ▸ upgrade seq-b to v2 · upgrade seq-a to v2'],
    ['since when, by whom', run, 'RUNNING Rolling upgrade to v2 by grace, for 1 min 3 s Stop'],
    ['that it was asked to stop', { ...run, stopping: true }, 'STOPPING'],
    [
      'where and why it stopped',
      { ...run, ended: { at: NOW, how: 'failed', words: 'stopped at seq-b' } },
      '✗ upgrade seq-b',
    ],
    ['the reason', { ...run, ended: { at: NOW, how: 'failed', words: 'stopped at seq-b' } }, 'Dismiss'],
    ['how far it is', { ...run, steps: [], lines: ['a', 'b'], progress: '3 of 9' }, 'a b 3 of 9'],
  ])('a run shows %s', (_, shown, expected) => {
    expect(seen(shown)).toContain(expected)
  })

  test('what others said is text, never markup', () => {
    const evil = '<img src=x onerror=alert(1)>'
    const markup = renderRun({ ...run, lines: [evil], ended: { at: NOW, how: 'failed', words: evil } }, NOW).text
    expect(markup).not.toContain('<img')
  })
})

describe('a switchover reports its outcome', () => {
  test('moved: who leads, since which block', async () => {
    expect(await acts.operate?.('switchover', { to: 'bob' })).toMatch(
      /^bob leads in term \d+ since block \d+, .* after it was asked for$/,
    )
  }, 30_000)

  test('refused: why', async () => {
    await acts.operate?.('quarantine', { node: 'cyd' })
    await expect(acts.operate?.('switchover', { to: 'cyd' })).rejects.toThrow(/^refused: .*quarantined by grace/)
  }, 30_000)
})
