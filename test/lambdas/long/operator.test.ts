import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Head, Lease } from '../../../lib/protocol/records.ts'
import { CHAIN, type Deployed, deploy } from '../harness/deployed.ts'
import { scheduleEvent } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'

let deployed: Deployed
let monitor: Running
let act: Running
let widget: Running

beforeAll(async () => {
  deployed = await deploy()
  ;[monitor, act, widget] = await Promise.all([
    start('monitor', deployed.env),
    start('act', deployed.env),
    start('widget', deployed.env),
  ])
  void monitor.invoke(scheduleEvent, { remainingMs: 600_000 }).catch(() => {})
  while (((await head())?.number ?? 0n) < 4n) await sleep(100)
}, 120_000)
afterAll(async () => {
  for (const running of [monitor, act, widget]) await running?.kill()
  await deployed?.stop()
})

const head = async (): Promise<Head | undefined> => deployed.account.stores.heads.read(CHAIN)
const lease = async (): Promise<Lease> => {
  const found = await deployed.account.stores.leases.read(CHAIN)
  if (!found) throw new Error('there is no lease')
  return found
}
const newest = async () => (await deployed.account.stores.history.list(CHAIN, { limit: 1 }))[0]

/** What CloudWatch adds to a widget's parameters. */
const widgetContext = {
  dashboardName: 'baton',
  widgetId: 'widget-16',
  accountId: '000000000000',
  locale: 'en',
  timezone: { label: 'UTC', offsetISO: '+00:00', offsetInMinutes: 0 },
  period: 300,
  isAutoPeriod: true,
  timeRange: { mode: 'relative', start: 1627236199729, end: 1627322599729 },
  theme: 'dark',
  linkCharts: true,
  title: 'Baton',
  forms: { all: { by: 'alice' } },
  params: {},
  width: 588,
  height: 369,
}

describe('act', () => {
  test('pause and resume, from a document that sends text only, with who asked', async () => {
    const { term } = await lease()
    const event = { act: 'pause', chain: CHAIN, to: '', by: 'alice', expectedTerm: String(term) }
    expect(await act.invoke(event)).toMatchObject({ chain: CHAIN, term, message: expect.stringContaining('alice') })
    expect(await lease()).toMatchObject({ mode: 'paused', modeBy: 'alice' })
    expect(await newest()).toMatchObject({ what: 'pause', actor: { kind: 'operator', name: 'alice' } })
    await act.invoke({ act: 'resume', chain: Number(CHAIN), by: 'alice' })
    expect(await lease()).toMatchObject({ mode: 'auto' })
  })

  test('a button answers in words, and names who pressed it', async () => {
    const { term } = await lease()
    const done = await act.invoke({ act: 'hold', chain: CHAIN, expectedTerm: term, widgetContext })
    expect(done).toEqual({
      markdown: expect.stringMatching(/^\*\*Done\.\*\* pinned to ada by alice \(dashboard of 000000000000\)/),
    })
    expect((await lease()).modeBy).toBe('alice (dashboard of 000000000000)')
    await act.invoke({ act: 'resume', chain: CHAIN, by: 'alice' })
  })

  test('an act for another term changes nothing', async () => {
    const before = await lease()
    const stale = { act: 'pause', chain: CHAIN, by: 'bob', expectedTerm: before.term + 1 }
    await expect(act.invoke(stale)).rejects.toMatchObject({ failure: { errorType: 'TermChangedError' } })
    expect(await act.invoke({ ...stale, widgetContext })).toEqual({
      markdown: expect.stringMatching(/^\*\*Not done\.\*\*/),
    })
    expect(await lease()).toMatchObject({ mode: 'auto', modeAt: before.modeAt })
  })

  test('quarantine, release, and a withdrawal', async () => {
    await act.invoke({ act: 'quarantine', chain: CHAIN, node: 'cyd', why: 'disk', by: 'alice' })
    expect((await lease()).quarantine).toMatchObject({ cyd: { why: 'disk', by: 'alice' } })
    await act.invoke({ act: 'release', chain: CHAIN, node: 'cyd', by: 'alice' })
    expect((await lease()).quarantine).toEqual({})
    const notBefore = Date.now() + 3_600_000
    await act.invoke({ act: 'switchover', chain: CHAIN, to: 'bob', notBefore, by: 'alice' })
    expect((await lease()).switchover).toMatchObject({ to: 'bob', notBefore })
    // As documents of version 0.1 send it.
    await act.invoke({ act: 'withdraw', chain: CHAIN, by: 'alice' })
    expect((await lease()).switchover).toBeUndefined()
    expect(await newest()).toMatchObject({ what: 'cancel-switchover' })
  })

  test.each([
    [{ act: 'destroy', chain: CHAIN }, 'InvalidInputError', 'act: must be'],
    [{ act: 'pause' }, 'InvalidInputError', 'chain'],
    [{ act: 'pause', chain: '1; rm' }, 'InvalidInputError', 'chain: must be'],
    [{ act: 'switchover', chain: CHAIN, to: '../x' }, 'InvalidInputError', 'to: must be'],
    [{ act: 'quarantine', chain: CHAIN, node: '' }, 'InvalidInputError', 'node: quarantine needs it'],
    [{ act: 'switchover', chain: CHAIN, to: 'zed' }, 'RefusedActError', 'zed'],
    [{ act: 'adopt', chain: CHAIN, to: 'bob' }, 'RefusedActError', 'already has a head'],
    [{ act: 'pause', chain: '902' }, 'UnknownChainError', '902'],
  ])('refuses %j', async (event, errorType, text) => {
    await expect(act.invoke(event)).rejects.toMatchObject({
      failure: { errorType, errorMessage: expect.stringContaining(text) },
    })
  })
})

describe('with approvers', () => {
  let bound: Running
  let page: Running
  beforeAll(async () => {
    const env = { ...deployed.env, BATON_APPROVALS: 'Baton-prod' }
    ;[bound, page] = await Promise.all([start('act', env), start('widget', env)])
  }, 60_000)
  afterAll(async () => {
    for (const running of [bound, page]) await running?.kill()
  })

  test.each([
    [{ act: 'switchover', to: 'bob' }, 'switchover needs an approval here'],
    [{ act: 'switchover', to: 'bob', force: true }, 'switchover needs an approval here'],
    [{ act: 'adopt', to: 'bob' }, 'adopt needs an approval here'],
    [{ act: 'release', node: 'cyd', force: 'true' }, 'release by force needs an approval here'],
  ])('%j is refused, from a button and from any other caller, and changes nothing', async (what, text) => {
    const before = await lease()
    const event = { ...what, chain: CHAIN, by: 'mallory' }
    await expect(bound.invoke(event)).rejects.toMatchObject({
      failure: { errorType: 'ApprovalNeededError', errorMessage: expect.stringContaining(text) },
    })
    const shown = await bound.invoke({ ...event, widgetContext })
    expect(shown).toEqual({ markdown: expect.stringMatching(/^\*\*Not done\.\*\*/) })
    const { switchover, quarantine, mode } = await lease()
    expect({ switchover, quarantine, mode }).toEqual({
      switchover: before.switchover,
      quarantine: before.quarantine,
      mode: before.mode,
    })
  })

  test('acts of any hour go on as before', async () => {
    await bound.invoke({ act: 'pause', chain: CHAIN, by: 'alice' })
    expect(await lease()).toMatchObject({ mode: 'paused' })
    await bound.invoke({ act: 'resume', chain: CHAIN, by: 'alice' })
    expect(await lease()).toMatchObject({ mode: 'auto' })
  })

  test('the page has no button for a move, and names the document', async () => {
    const html = await page.invoke<string>({ chain: CHAIN, widgetContext })
    expect(html).toContain('Pause Baton')
    expect(html).not.toContain('"act":"switchover"')
    expect(html).toContain('Baton-prod-Switchover')
  })
})

describe('widget', () => {
  test('describes itself in Markdown', async () => {
    expect(await widget.invoke({ describe: true, widgetContext })).toMatch(/^## Baton/)
  })

  test('draws the page of the chain, in the theme of the console, without scripts', async () => {
    const html = await widget.invoke<string>({ chain: Number(CHAIN), widgetContext })
    expect(html).toContain('<style>')
    expect(html).toContain('data-theme="dark"')
    expect(html).toContain('ada sequences')
    expect(html).not.toMatch(/<script|<iframe|\son\w+=/i)
    expect(html.length).toBeLessThan(200_000)
  })

  test('its buttons ask first and carry the term they were drawn in', async () => {
    const html = await widget.invoke<string>({ chain: CHAIN, widgetContext })
    const buttons = [...html.matchAll(/<a class="btn">([^<]*)<\/a><cwdb-action ([^>]*)>([^<]*)<\/cwdb-action>/g)]
    const { term } = await lease()
    expect(buttons.map(([, label]) => label)).toEqual([
      'Pause Baton',
      'Hold on ada',
      'Switch over',
      'Quarantine ada',
      'Switch over to bob',
      'Quarantine bob',
      'Switch over to cyd',
      'Quarantine cyd',
    ])
    for (const [, , attributes = '', json = ''] of buttons) {
      expect(attributes).toMatch(/action="call"/)
      expect(attributes).toMatch(/confirmation="[^"]{20,}"/)
      expect(attributes).toContain('endpoint="arn:aws:lambda:us-east-1:000000000000:function:act"')
      expect(JSON.parse(json)).toMatchObject({ chain: CHAIN, expectedTerm: term, act: expect.any(String) })
    }
    expect(await widget.invoke<string>({ chain: CHAIN, buttons: 'false', widgetContext })).not.toContain('cwdb-action')
  })

  test('a chain it does not know is reported, not thrown', async () => {
    expect(await widget.invoke<string>({ chain: '999', widgetContext })).toContain('there is no chain &quot;999&quot;')
  })
})
