import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { stringify } from 'yaml'
import { readAppConfig } from '../../lib/cdk/app-config.ts'
import { loadConfig } from '../../lib/config/chain-config.ts'
import { ConfigurationError } from '../../lib/config/error.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-written-'))
afterAll(() => rmSync(folder, { recursive: true }))

const node = (name: string) => ({
  ...{ name, zone: 'z', consensus: `http://${name}:9545`, execution: `http://${name}:8545` },
  secrets: [`secret-of-${name}`],
})
const chain = { chain: { id: 901, name: 'test', blockTime: 2 }, nodes: [node('ada'), node('bob')] }

function write(name: string, text: string): string {
  const path = join(folder, name)
  writeFileSync(path, text)
  return path
}

async function problemsOf(name: string, text: string) {
  const error: unknown = await loadConfig(write(name, text)).catch((error: unknown) => error)
  if (!(error instanceof ConfigurationError)) throw new Error(`${name} was accepted`)
  return error
}

describe('one configuration, however it is written', () => {
  const json = JSON.stringify(chain, null, 2)
  test.each([
    ['plain.yaml', stringify(chain)],
    ['comments.yml', `# yaml-language-server: $schema=x\n${stringify(chain)}`],
    ['json-as.yaml', json],
    ['mark.json', `\uFEFF${json}`],
    ['windows.json', json.replaceAll('\n', '\r\n')],
    ['tabs.json', JSON.stringify(chain, null, '\t')],
    [
      'anchors.yaml',
      stringify(chain)
        .replace('zone: z', 'zone: &zone z')
        .replace(/zone: z$/m, 'zone: *zone'),
    ],
    ['schema.json', JSON.stringify({ $schema: './chain.schema.json', ...chain })],
    ['schema.yaml', stringify({ $schema: './chain.schema.json', ...chain })],
  ])('%s', async (name, text) => {
    expect(await loadConfig(write(name, text))).toEqual(await loadConfig(write('chain.json', json)))
  })

  test('the deployment, too', () => {
    const path = new URL('../../samples/baton.config.json', import.meta.url).pathname
    const sample = readAppConfig(path)
    const { $schema: _, ...rest } = sample
    expect(readAppConfig(write('baton.config.yaml', stringify(rest)))).toEqual(rest)
  })
})

describe('an error names the line', () => {
  test('of the field, or of what should hold it', async () => {
    const text = stringify({ ...chain, nodes: [node('ada'), { ...node('bob'), zone: 7, execution: undefined }] })
    const lines = text.split('\n')
    const { problems, message } = await problemsOf('lines.yaml', text)
    const lineOf = (path: string) => problems.find((problem) => problem.path === path)?.line
    expect(lines[(lineOf('nodes[1].zone') ?? 0) - 1]).toContain('zone: 7')
    expect(lines[(lineOf('nodes[1].execution') ?? 0) - 1]).toContain('name: bob')
    expect(message).toContain(`line ${lineOf('nodes[1].zone')}: nodes[1].zone: `)
  })

  test('in JSON as well', async () => {
    const text = JSON.stringify({ ...chain, chain: { ...chain.chain, blockTime: 'two' } }, null, 2)
    const { problems } = await problemsOf('lines.json', text)
    expect(text.split('\n')[(problems[0]?.line ?? 0) - 1]).toContain('"blockTime": "two"')
  })

  test('of a comment in JSON, and says that YAML has them', async () => {
    const { message } = await problemsOf('comment.json', `{\n  // the chain\n  "chain": {}\n}`)
    expect(message).toContain('line 2: JSON has no comments')
    expect(message).toContain('.yaml')
  })

  test('of what is no YAML, and quotes nothing of it: it may be a secret', async () => {
    const { message } = await problemsOf('broken.yaml', `chain: {id: 1\nsecrets: "hunter2hunter2\n`)
    expect(message).toMatch(/line \d+, column \d+: is not YAML/)
    expect(message).not.toContain('hunter2')
  })
})

describe('what a reader would not see', () => {
  test.each([
    [
      'twice.json',
      '{\n  "chain": { "id": 901, "name": "a\\"{", "id": 902 }\n}',
      'line 2, column 41: "id" is written twice in one object; write it once',
    ],
    ['mark-twice.json', '\uFEFF{ "nodes": [{}, { "a": 1 }, { "a": [{ "b": 1, "b": 1 }] }] }', '"b" is written twice'],
    ['twice.yaml', 'chain: {id: 901}\nchain: {id: 902}\n', 'line 2, column 1: is not YAML (duplicate key)'],
    [
      'bomb.yaml',
      `a: &a [${'x,'.repeat(9)}]\n${[...'bcdefgh'].map((key, i) => `${key}: &${key} [${`*${'abcdefgh'[i]},`.repeat(9)}]`).join('\n')}\n`,
      'its aliases cannot be resolved',
    ],
    [
      'none.json',
      JSON.stringify({ ...chain, nodes: [] }),
      'nodes: an empty list is not allowed; write a list of at least one sequencer',
    ],
  ])('%s', async (name, text, message) => {
    expect((await problemsOf(name, text)).message).toContain(message)
  })

  test('a folder', async () => {
    await expect(loadConfig(folder)).rejects.toThrow('it is a folder; write the path of a readable JSON or YAML file')
  })
})
