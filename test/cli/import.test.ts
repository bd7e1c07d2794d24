import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import * as v from 'valibot'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { exitCodes } from '../../bin/errors.ts'
import { jsonSchemas } from '../../bin/json.ts'
import { type SimulatedChain, startSimulatedChain } from '../../lib/simulator/chain/chain.ts'
import { baton } from './run-cli.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-import-'))
let chain: SimulatedChain
let toml: string
beforeAll(async () => {
  chain = await startSimulatedChain({ conductorUrl: () => 'http://127.0.0.1:59997', nodes: ['seq-a', 'seq-b'] })
  const tables = chain.nodes.map(
    ({ name, consensusUrl }) =>
      `[sequencers.${name}]\nraft_addr = "x:1"\nnode_rpc_url = "${consensusUrl}"\nvoting = true\n`,
  )
  toml = `[networks.dev]\nsequencers = ["seq-a", "seq-b"]\n${tables.join('')}`
  writeFileSync(join(folder, 'config.toml'), toml)
  for (const { name, consensusUrl, executionUrl } of chain.nodes) {
    const settings = {
      RAFT_SERVER_ID: name,
      NODE_RPC: consensusUrl,
      EXECUTION_RPC: executionUrl,
      RAFT_BOOTSTRAP: 'true',
    }
    const lines = Object.entries(settings).map(([key, value]) => `OP_CONDUCTOR_${key}=${value}`)
    writeFileSync(join(folder, `${name}.env`), `${lines.join('\n')}\n`)
  }
})
afterAll(async () => {
  await chain.stop()
  rmSync(folder, { recursive: true })
})

const run = (...words: string[]) => baton(['import', 'op-conductor', ...words], folder)

test('the chain is asked for what no file says; the result is valid and names the clients', async () => {
  const words = ['--config', 'config.toml', '--flags', 'seq-a.env,seq-b.env', '--out', 'chain.json']
  const { code, out } = await run(...words)
  expect(code).toBe(0)
  expect(out).toContain('no counterpart: seq-a --raft.bootstrap: ')
  expect(out).toContain('write by hand: secrets: ')
  const written = JSON.parse(readFileSync(join(folder, 'chain.json'), 'utf8'))
  expect(written.chain).toMatchObject({ id: 901, blockTime: 2 })
  expect(written.nodes.map(({ execution }: { execution: string }) => execution)).toEqual(
    chain.nodes.map(({ executionUrl }) => executionUrl),
  )
  expect(await baton(['config', 'check', 'chain.json', '--without-secrets'], folder)).toMatchObject({ code: 0 })
  expect(await run(...words), 'nothing is written over').toMatchObject({ code: exitCodes.usage.code })
})

test('without --out the configuration is printed, and the notes go to stderr', async () => {
  const { out, err } = await run('--flags', 'seq-a.env')
  expect(JSON.parse(out).nodes).toHaveLength(1)
  expect(err).toContain('no counterpart: ')
  const said = JSON.parse((await run('--flags', 'seq-a.env', '--json')).out)
  expect(v.safeParse(jsonSchemas.import ?? v.never(), said).issues).toBeUndefined()
})

test('a chain that does not answer must be named', async () => {
  writeFileSync(join(folder, 'dead.toml'), toml.replace(/127\.0\.0\.1:\d+/g, '127.0.0.1:59997'))
  const { code, err } = await run('--config', 'dead.toml')
  expect([code, err]).toEqual([exitCodes.usage.code, expect.stringContaining('Give --chain-id and --block-time')])
})
