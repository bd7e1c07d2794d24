import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { expect, test } from 'vitest'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { freePortOr } from '../../lib/free-port.ts'
import { silentLog } from '../../lib/log.ts'
import { openEmbedded } from '../../lib/serve/open-stores.ts'
import { startLocal } from '../../lib/serve/start.ts'
import { startRelay } from '../lambdas/harness/relay.ts'

type State = { decision: { condition: string; page: { code: string; evidence: { message: string } }[] } }

test('a store that swallows packets is shown on the page within seconds, and not before', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'baton-silent-'))
  const database = await openEmbedded(join(folder, 'database'))
  const relay = await startRelay(database.endpoint ?? '')
  // The key to the database is the user name and password of its address.
  const { username, password } = new URL(database.endpoint ?? '')
  const endpoint = Object.assign(new URL(relay.endpoint), { username, password }).href
  const node = (name: string, i: number) => ({
    name,
    zone: 'z',
    consensus: `http://127.0.0.1:${11 + 2 * i}`,
    execution: `http://127.0.0.1:${12 + 2 * i}`,
    secrets: [`secret-of-${name}`],
  })
  const config = parseConfig(
    JSON.stringify({
      chain: { id: 901, name: 'test', blockTime: 1 },
      nodes: ['ada', 'bob'].map(node),
      store: { endpoint, objects: { kind: 'folder', path: join(folder, 'objects') } },
      gate: { port: await freePortOr(18_547) },
    }),
  )
  const local = await startLocal({ config, folder, pagePort: 0, operator: 'ann', log: silentLog })
  const paged = async () => {
    const state = (await (await fetch(new URL('/state.json', local.page.url))).json()) as State
    return {
      condition: state.decision.condition,
      silent: state.decision.page.find(({ code }) => code === 'store-silent'),
    }
  }
  try {
    await sleep(2_500)
    expect((await paged()).silent).toBeUndefined()
    relay.fail('silent')
    const hung = Date.now()
    while ((await paged()).silent === undefined && Date.now() - hung < 10_000) await sleep(100)
    expect(await paged()).toMatchObject({
      condition: 'halted',
      silent: { evidence: { message: expect.stringMatching(/\w/) } },
    })
    expect(Date.now() - hung).toBeLessThan(6_000)
  } finally {
    relay.close()
    await local.stop()
    await database.close()
    await rm(folder, { recursive: true, force: true })
  }
}, 40_000)
