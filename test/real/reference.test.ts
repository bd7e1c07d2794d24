import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { expect, test } from 'vitest'
import { go } from './go.ts'
import { prepareModule } from './go-module.ts'

const FIXTURES = resolve(import.meta.dirname, '../fixtures/forks.json')

test("the blocks of each fork are what optimism's own code makes", async () => {
  const module = await prepareModule(console.error)
  const printed = await go(['run', module, '-trimpath', './reference'], console.error)
  expect(JSON.parse(printed), `go run ./reference, in ${join('test', 'real')}`).toEqual(
    JSON.parse(await readFile(FIXTURES, 'utf8')),
  )
})
