import { setTimeout as sleep } from 'node:timers/promises'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Head } from '../../../lib/protocol/records.ts'
import { toItem } from '../../../lib/store/dynamo/attributes.ts'
import { CHAIN, type Deployed, deploy } from '../harness/deployed.ts'
import { scheduleEvent, streamRecord } from '../harness/events.ts'
import { type Running, start } from '../harness/invoke.ts'

let deployed: Deployed
let monitor: Running
let archiver: Running
let widget: Running
let stopped = false
/** What the stream of heads delivered to the archiver so far. */
const archived: Head[] = []

beforeAll(async () => {
  deployed = await deploy()
  ;[monitor, archiver, widget] = await Promise.all([
    start('monitor', deployed.env),
    start('archiver', deployed.env),
    start('widget', deployed.env),
  ])
  void monitor.invoke(scheduleEvent, { remainingMs: 600_000 }).catch(() => {})
  void followStream()
}, 120_000)
afterAll(async () => {
  stopped = true
  for (const running of [monitor, archiver, widget]) await running?.kill()
  await deployed?.stop()
})

/** Delivers each new head to the archiver, as the stream of the table does. */
async function followStream(): Promise<void> {
  const { heads } = deployed.account.stores
  while (!stopped) {
    const head = await heads.readWithPayload(CHAIN).catch(() => undefined)
    const newest = archived.at(-1)
    if (head?.payload && (head.hash !== newest?.hash || head.term !== newest.term)) {
      await archiver.invoke({ Records: [streamRecord(CHAIN, archived.length, toItem(head))] }).catch(() => {})
      archived.push(head)
    }
    await sleep(50)
  }
}

/** The last block before the newest change of leader and the first after it, once it has so many blocks. */
async function blocksAround(count: number): Promise<readonly [Committed, Committed]> {
  const end = Date.now() + 100_000
  for (;;) {
    const commits = committed()
    const at = commits.findLastIndex(({ leader }, i) => i > 0 && commits[i - 1]?.leader !== leader)
    const [before, after] = [commits[at - 1], commits[at]]
    if (before && after && commits.length - at >= count) return [before, after]
    if (Date.now() > end) throw new Error(`no ${count} blocks after a change of leader:\n${monitor.output()}`)
    await sleep(50)
  }
}

/** The leader, once it commits each block in its slot: a chain that starts first catches up on its clock. */
async function leaderInTime(): Promise<string> {
  const end = Date.now() + 30_000
  for (;;) {
    const [before, last] = committed().slice(-2)
    if (before && last && last.committedAt - before.committedAt > Number(last.number - before.number) * 400)
      return last.leader
    if (Date.now() > end) throw new Error(`no leader that keeps the time:\n${monitor.output()}`)
    await sleep(50)
  }
}

type Committed = Pick<Head, 'number' | 'leader' | 'term' | 'committedAt'>

/** Each block once, by who committed it: a fence repeats the block under the next leader. */
function committed(): Committed[] {
  return archived.filter(({ term, committedTerm }) => committedTerm > 0 && term === committedTerm)
}

test('after a failover the widget shows who committed which slot, what was missed, and the move', async () => {
  const first = await leaderInTime()
  // One that is killed may be followed in the very next slot; one that stands still is waited for.
  deployed.chain.node(first).freeze('host')
  const [before, after] = await blocksAround(5)
  const html = await widget.invoke<string>({ chain: CHAIN, widgetContext: { theme: 'dark' } })

  const lanes = /<section class="lanes">[\s\S]*?<\/section>/.exec(html)?.[0] ?? ''
  expect(lanes).toContain(`<title>${before.number} by ${before.leader}, term ${before.term}, `)
  expect(lanes).toContain(`<title>${after.number} by ${after.leader}, term ${after.term}, `)
  expect(lanes).toMatch(/Commits of the last [^:]+: \d+ blocks, [1-9]\d* slots? missed/)
  const card = /<details class="move is-failover"[\s\S]*?<\/details>/.exec(html)?.[0] ?? ''
  expect(card).toContain(`${after.leader} took over from ${before.leader}`)
  expect(card).toMatch(/[1-9]\d* slots? missed, \d+\.\d\d s between the blocks/)
  expect(card).toContain(`last block ${before.number} by ${before.leader}`)
  expect(card).toContain(`first block ${after.number} by ${after.leader}`)
  for (const step of ['Grant', 'Fence', 'Start', 'First block']) expect(card).toContain(step)
  const blocks = /<section class="blocks">[\s\S]*?<\/section>/.exec(html)?.[0] ?? ''
  expect(blocks).toContain(`<tr data-key="${after.number}">`)
  expect(html).toMatch(/took over from \w+ [^,]* ago, [1-9]\d* slots? missed/)
}, 150_000)

test('where the archive cannot be asked, the page is drawn without commits, and says so', async () => {
  const blind = await start('widget', { ...deployed.env, BATON_PAYLOADS_TABLE: 'no-such-table' })
  try {
    const html = await blind.invoke<string>({ chain: CHAIN, widgetContext: { theme: 'dark' } })
    expect(html).toContain(' took over from ')
    expect(html).toContain('its blocks were not recorded')
    expect(html).toContain('<p class="quiet">The archive does not list them now.</p>')
    expect(blind.lines()).toContainEqual(
      expect.objectContaining({ level: 'WARN', message: 'the commits cannot be listed' }),
    )
  } finally {
    await blind.kill()
  }
}, 60_000)
