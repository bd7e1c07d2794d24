import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { chainPorts } from '../../lib/context/chain-ports.ts'
import { actInput, perform as performInLambda } from '../../lib/lambda/act.ts'
import { renderWidgetControls } from '../../lib/lambda/widget/controls.ts'
import { silentLog } from '../../lib/log.ts'
import { openBackfill } from '../../lib/operations/backfill/open.ts'
import type { BackfillPorts } from '../../lib/operations/backfill/ports.ts'
import { disasterActs, disasterKinds } from '../../lib/operations/disaster/acts.ts'
import { disasterDocument } from '../../lib/operations/disaster/document.ts'
import { actDocument } from '../../lib/operations/engine/documents.ts'
import { type ActName, actDescriptions, actNames } from '../../lib/operator/act-names.ts'
import { acts } from '../../lib/operator/acts.ts'
import { escapeHtml } from '../../lib/page/html.ts'
import { perform as performOnPage } from '../../lib/page/perform.ts'
import { renderControls } from '../../lib/page/render-controls.ts'
import { seedHead, seedLease } from '../../lib/protocol/bootstrap.ts'
import { backgroundJobs } from '../../lib/serve/background-job.ts'
import { type EmbeddedDatabase, startEmbeddedDatabase } from '../../lib/serve/embedded/database.ts'
import { createLocalTables, openStores } from '../../lib/serve/open-stores.ts'
import { pageActs } from '../../lib/serve/page-acts.ts'
import { happy } from '../page/snapshots.ts'
import { l2 } from '../protocol/scene.ts'
import { baton } from './run-cli.ts'

/** What is sent of an act, over the command line and to the others. */
const asked: Readonly<Record<ActName, { readonly words: string[]; readonly input: object }>> = {
  pause: { words: ['pause'], input: {} },
  resume: { words: ['resume'], input: {} },
  hold: { words: ['hold', 'seq-a'], input: { node: 'seq-a' } },
  switchover: {
    words: ['switchover', '--to', 'seq-b', '--at', '2036-12-01T04:00:00Z'],
    input: { to: 'seq-b', notBefore: Date.parse('2036-12-01T04:00:00Z') },
  },
  'cancel-switchover': { words: ['switchover', '--cancel'], input: {} },
  quarantine: { words: ['quarantine', 'seq-b', '--why', 'bad disk'], input: { node: 'seq-b', why: 'bad disk' } },
  release: { words: ['quarantine', 'seq-b', '--lift'], input: { node: 'seq-b' } },
  adopt: { words: ['adopt', '--to', 'seq-b'], input: { to: 'seq-b' } },
}

const folder = mkdtempSync(join(tmpdir(), 'baton-acts-'))
const path = join(folder, 'config.json')
const objects = { kind: 'folder', path: join(folder, 'objects') } as const
let database: EmbeddedDatabase
let ports: BackfillPorts
let close: () => Promise<void>

/** A chain with records, whose nodes are all gone. */
beforeAll(async () => {
  database = await startEmbeddedDatabase()
  const store = { endpoint: database.endpoint, objects }
  const nodes = ['seq-a', 'seq-b'].map((name) => {
    const url = `http://127.0.0.1:59997/${name}`
    return { name, zone: 'z', consensus: url, execution: url, secrets: [`secret-of-${name}`] }
  })
  const written = JSON.stringify({ chain: { id: 901, name: 'test', blockTime: 2 }, nodes, store })
  writeFileSync(path, written)
  await createLocalTables(store)
  const opened = openStores(store)
  close = opened.close
  const config = parseConfig(written)
  ports = await openBackfill(config, chainPorts(config, opened, silentLog), { env: {} })
  await ports.heads.write('901', seedHead(l2(100n), 0, Date.now()))
  await ports.leases.write('901', seedLease('seq-a', 0, { kind: 'baton', name: 'baton' }, Date.now()))
})
afterAll(async () => {
  await close()
  await database.stop()
  rmSync(folder, { recursive: true })
})

/** Does what an act needs to be done before, so that each surface finds the chain alike. */
async function prepare(name: ActName): Promise<void> {
  const lease = await ports.leases.read('901')
  if (name === 'cancel-switchover' && !lease?.switchover)
    await acts.switchover.run(ports, asked.switchover.input, 'ann')
  if (name !== 'cancel-switchover' && lease?.switchover) await acts['cancel-switchover'].run(ports, {}, 'ann')
}

/** What each surface answers: its sentence, done or not. */
const surfaces = {
  async cli(name: ActName) {
    const { out, err } = await baton([...asked[name].words, '--config', path], folder, { BATON_OPERATOR: 'ann' })
    return out.trim() || err.trim().replace(/^baton: /, '')
  },
  async page(name: ActName) {
    const page = pageActs({ ports, operator: 'ann', runner: backgroundJobs(silentLog, () => {}), faults: undefined })
    return (await performOnPage(page, name, JSON.stringify(asked[name].input))).message
  },
  async lambda(name: ActName) {
    const input = v.parse(actInput, { act: name, chain: '901', by: 'ann', ...asked[name].input })
    return await performInLambda(ports, input).then(
      ({ message }) => message,
      (error: Error) => error.message,
    )
  },
}

describe('an act has one sentence, no matter who asks for it', () => {
  test.each([
    ['pause', 'paused by ann'],
    ['resume', 'resumed by ann'],
    ['hold', 'pinned to seq-a by ann'],
    ['switchover', 'switchover to seq-b requested by ann, not before 2036-12-01T04:00:00.000Z'],
    ['cancel-switchover', 'switchover withdrawn by ann'],
    ['quarantine', 'seq-b quarantined by ann: bad disk'],
    ['release', 'seq-b released by ann'],
    ['adopt', 'chain 901 already has a head (block 100)'],
  ] as const)('%s', async (name, sentence) => {
    for (const [surface, ask] of Object.entries(surfaces)) {
      await prepare(name)
      const answer = await ask(name)
      // What is refused is followed by what to do, in each surface's own way.
      expect(answer.startsWith(sentence), `${surface}: ${answer}`).toBe(true)
      if (name !== 'adopt') expect(answer).toBe(sentence)
    }
  })
})

describe('every surface offers every act', () => {
  const pending = { id: 'x', notBefore: 0, by: 'ann', force: false }
  const [node = ''] = happy.view.nodes.map(({ name }) => name)
  const { head: _, lease, ...empty } = happy.view
  if (!lease) throw new Error('a happy chain has a lease')
  const moments = [
    happy,
    { ...happy, view: { ...happy.view, lease: { ...lease, mode: 'paused' as const, switchover: pending } } },
    {
      ...happy,
      view: { ...happy.view, lease: { ...lease, quarantine: { [node]: { since: 0, why: 'disk', by: 'ann' } } } },
    },
    { ...happy, view: empty },
  ]
  const offered = (names: readonly (string | undefined)[]) => actNames.filter((name) => names.includes(name))

  test('the command line', async () => {
    for (const name of actNames) {
      const { out } = await baton([asked[name].words[0] ?? '', '--help'], folder)
      const { release, 'cancel-switchover': cancel, ...own } = actDescriptions
      const shown = { ...own, release: '--lift', 'cancel-switchover': '--cancel' }[name]
      expect(out.replace(/\s+/g, ' '), `${release} ${cancel}`).toContain(shown)
    }
  })

  test('the page', () => {
    const shown = moments.map((each) => renderControls(each, { operate: async () => '' })?.text ?? '').join()
    expect(offered([...shown.matchAll(/data-verb="([a-z-]+)"/g)].map(([, name]) => name))).toEqual(actNames)
  })

  test('the widget, in the words of the page', () => {
    const shown = moments.map((each) => renderWidgetControls(each, 'arn')?.text ?? '').join()
    expect(offered([...shown.matchAll(/"act":"([a-z-]+)"/g)].map(([, name]) => name))).toEqual(actNames)
    const page = renderControls(happy, { operate: async () => '' })?.text ?? ''
    for (const [, question = ''] of shown.split(',')[0]?.matchAll(/confirmation="([^"]+)"/g) ?? [])
      expect(page).toContain(`data-ask="${question}"`)
  })

  test('the act function, by the names of version 0.1, too', () => {
    const ask = (act: string) => v.parse(actInput, { act, chain: '901' }).act
    expect(actNames.map(ask)).toEqual(actNames)
    expect(ask('withdraw')).toBe('cancel-switchover')
    expect(v.safeParse(actInput, { act: 'constructor', chain: '901' }).success).toBe(false)
  })

  test('what the documents of the console send is an act', () => {
    const { Act } = actDocument({ assumeRole: '', actFunctionArn: '' }).parameters
    for (const act of Act?.allowedValues ?? []) expect(v.safeParse(actInput, { act, chain: '901' }).success).toBe(true)
  })
})

test('the acts of a disaster: the same on the command line, the page and in the console', async () => {
  const { out } = await baton(['disaster', '--help'], folder)
  const help = out.replace(/\s+/g, ' ')
  const unavailable = {}
  const none = async () => ''
  const plan = async () => ({ words: '', held: false })
  const procedures = { plan, start: none, stop: none, dismiss: none, run: () => undefined, unavailable }
  const page = renderControls(happy, { operate: none, procedures })?.text ?? ''
  for (const kind of disasterKinds) {
    expect(help).toContain(`${kind}: ${disasterActs[kind].does}`)
    expect(page).toContain(`data-procedure="${kind}"`)
    expect(page).toContain(escapeHtml(disasterActs[kind].does))
  }
  expect(disasterDocument.fields.kind?.console?.allowedValues).toEqual(disasterKinds)
})
