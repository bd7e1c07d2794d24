import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, onTestFinished, test } from 'vitest'
import { getBlock } from '../../../lib/chain/block.ts'
import { startEmbeddedDatabase } from '../../../lib/serve/embedded/database.ts'
import { createLocalTables, openStores } from '../../../lib/serve/open-stores.ts'
import { archiveKey } from '../../../lib/store/archive.ts'
import { packPayload } from '../../../lib/store/payload.ts'
import { idOf, makeChain } from '../chain.ts'
import { startClient } from '../client.ts'
import { proxyEngine } from '../proxy.ts'
import { CHAIN, commitOnly, configFor, GONE } from '../rig.ts'

const BLOCKS = 5_000
const entry = fileURLToPath(new URL('../../../bin/baton.ts', import.meta.url))

test(`a hole of ${BLOCKS} blocks is plugged oldest first, by a Baton that is killed on the way and run again`, async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baton-hole-'))
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }))
  const chain = await makeChain(BLOCKS)
  const client = await startClient(chain.genesis)
  onTestFinished(() => client.stop())
  const proxy = await proxyEngine(client.engineUrl)
  onTestFinished(() => proxy.close())

  const database = await startEmbeddedDatabase()
  onTestFinished(() => database.stop())
  const objects = join(folder, 'objects')
  const store = { endpoint: database.endpoint, objects: { kind: 'folder', path: objects } } as const
  await createLocalTables(store)
  const { stores, close } = openStores(store)
  onTestFinished(close)
  for (const envelope of chain.payloads) {
    const path = join(objects, archiveKey(CHAIN, idOf(envelope)))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, await packPayload(JSON.stringify(envelope)))
  }
  await commitOnly(stores, chain.payloads)
  const nodes = [{ rpcUrl: GONE }, { ...client, engineUrl: proxy.url }]
  writeFileSync(join(folder, 'chain.json'), JSON.stringify({ ...configFor(nodes), store }))

  const backfill = (killAt?: number) => runBackfill(folder, killAt)
  const killed = await backfill(1_500)
  expect(killed.signal).toBe('SIGKILL')
  const after = await getBlock(client.execution, { tag: 'latest' })
  expect(Number(after?.number)).toBeGreaterThanOrEqual(1_500)
  expect(Number(after?.number)).toBeLessThan(BLOCKS)

  const started = Date.now()
  const resumed = await backfill()
  console.log(resumed.out.split('\n').slice(-4).join('\n'))
  console.log(
    `${BLOCKS - Number(after?.number)} blocks in ${((Date.now() - started) / 1000).toFixed(1)} s, process and plan included`,
  )
  expect(resumed).toMatchObject({ code: 0 })
  const latest = await getBlock(client.execution, { tag: 'latest' })
  expect(latest?.hash).toBe(chain.payloads.at(-1)?.executionPayload.blockHash)

  // Oldest first, and nothing left out; what was given but not verified before the kill is given again.
  const given = proxy.calls.flatMap(({ number }) => (number === undefined ? [] : [Number(number)]))
  expect(given[0]).toBe(1)
  const back = given.flatMap((number, i) =>
    i > 0 && number !== (given[i - 1] ?? 0) + 1 ? [(given[i - 1] ?? 0) - number + 1] : [],
  )
  expect(back.length).toBeLessThanOrEqual(1)
  expect(back[0] ?? 0).toBeLessThan(64)
  expect(new Set(given).size).toBe(BLOCKS)

  const history = await stores.history.list(CHAIN)
  expect(history.map(({ what }) => what)).toEqual(['backfill-done', 'backfill', 'backfill'])
})

/** Runs the real command line; kills it once it says that block `killAt` is there. */
async function runBackfill(cwd: string, killAt = Number.POSITIVE_INFINITY) {
  const args = [entry, 'backfill', 'seq-b', '--config', 'chain.json']
  const child = spawn(process.execPath, args, { cwd, env: { ...process.env, BATON_OPERATOR: 'ada' } })
  onTestFinished(() => void child.kill('SIGKILL'))
  let out = ''
  const note = (text: string) => {
    out += text
    const at = /block (\d+): \d+ of \d+ plugged/.exec(text)?.[1]
    if (Number(at ?? 0) >= killAt) child.kill('SIGKILL')
  }
  child.stdout.setEncoding('utf8').on('data', note)
  child.stderr.setEncoding('utf8').on('data', note)
  const [code, signal] = (await once(child, 'close')) as [number | null, NodeJS.Signals | null]
  return { code, signal, out }
}
