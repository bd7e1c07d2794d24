import { chmodSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, test } from 'vitest'
import { memoryObjects } from '../../lib/store/memory/stores.ts'
import { folderObjects } from '../../lib/store/objects/folder.ts'

const folder = mkdtempSync(join(tmpdir(), 'baton-objects-'))
afterAll(() => rmSync(folder, { recursive: true }))

describe.each([
  ['memory', memoryObjects()],
  ['folder', folderObjects(join(folder, 'new', 'deep'))],
])('%s', (_, objects) => {
  const bytes = new Uint8Array([0, 1, 255])

  test('what was put is got, replaced by the next put', async () => {
    expect(await objects.get('a/b.json.zst')).toBeUndefined()
    await objects.put('a/b.json.zst', bytes)
    expect(await objects.get('a/b.json.zst')).toEqual(bytes)
    await objects.put('a/b.json.zst', new Uint8Array(0))
    expect(await objects.get('a/b.json.zst')).toEqual(new Uint8Array(0))
  })

  test('a put that replaces nothing leaves what is there, however many write at once', async () => {
    await objects.put('n/old', bytes)
    await objects.put('n/old', new Uint8Array([7]), { ifAbsent: true })
    expect(await objects.get('n/old')).toEqual(bytes)
    const contents = Array.from({ length: 8 }, (_, i) => new Uint8Array(20_000).fill(i))
    await Promise.all(contents.map((each) => objects.put('n/new', each, { ifAbsent: true })))
    const won = await objects.get('n/new')
    expect(contents).toContainEqual(won)
    await objects.put('n/new', new Uint8Array([8]), { ifAbsent: true })
    expect(await objects.get('n/new')).toEqual(won)
    expect((await objects.list?.('n/'))?.toSorted()).toEqual(['n/new', 'n/old'])
  })

  test('a folder is listed with what is below it, and nothing that only begins alike', async () => {
    for (const key of ['l/1/x', 'l/1/deep/y', 'l/12/z']) await objects.put(key, bytes)
    expect((await objects.list?.('l/1/'))?.toSorted()).toEqual(['l/1/deep/y', 'l/1/x'])
    expect(await objects.list?.('nothing/')).toEqual([])
  })

  test.each([
    '',
    '/a',
    'a//b',
    '../a',
    'a/../../b',
    'a/.',
    '.hidden',
    'a\\b',
    'a\0b',
    'a b',
    'a/',
    'é',
    'x'.repeat(300),
  ])('no key: %j', async (key) => {
    await expect(objects.put(key, bytes)).rejects.toMatchObject({ name: 'InvalidKeyError' })
    await expect(objects.get(key)).rejects.toMatchObject({ name: 'InvalidKeyError' })
  })
})

test('a folder shows whole objects only, however many write at once', async () => {
  const objects = folderObjects(join(folder, 'race'))
  const contents = Array.from({ length: 20 }, (_, i) => new Uint8Array(50_000).fill(i))
  const writing = Promise.all(contents.map((bytes) => objects.put('x/y', bytes)))
  for (let i = 0; i < 40; i++) {
    const seen = await objects.get('x/y')
    if (!seen) continue
    expect(seen.length).toBe(50_000)
    expect(new Set(seen).size).toBe(1)
  }
  await writing
  expect(readdirSync(join(folder, 'race', 'x'))).toEqual(['y'])
})

test('a folder that is a file: unavailable, with what to do', async () => {
  writeFileSync(join(folder, 'file'), '')
  const objects = folderObjects(join(folder, 'file'))
  await expect(objects.put('a', new Uint8Array(1))).rejects.toMatchObject({
    name: 'StoreUnavailableError',
    operation: 'put',
    remedy: expect.stringContaining('writable'),
    cause: expect.anything(),
  })
  await expect(objects.get('a')).rejects.toMatchObject({ name: 'StoreUnavailableError' })
})

test.skipIf(process.getuid?.() === 0)('a folder that is not writable', async () => {
  const closed = mkdtempSync(join(folder, 'closed-'))
  chmodSync(closed, 0o500)
  await expect(folderObjects(closed).put('a', new Uint8Array(1))).rejects.toMatchObject({
    name: 'StoreUnavailableError',
  })
})
