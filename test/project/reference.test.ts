import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { appSchema, expectedOfApp } from '../../lib/cdk/app-schema.ts'
import { parseConfig } from '../../lib/config/chain-config.ts'
import { expected } from '../../lib/config/expected.ts'
import { configSchema } from '../../lib/config/schema.ts'
import { fieldsOf, referenceDocuments } from '../report/reference.ts'

const documents = await referenceDocuments()

test.each(Object.entries(documents))('%s is up to date: run "npm run docs"', (path, text) => {
  expect(existsSync(path) && readFileSync(path, 'utf8')).toBe(text)
})

test.each([
  ['a chain', configSchema, expected],
  ['a deployment', appSchema, expectedOfApp],
] as const)('every field of %s says what to write, and no other does', (_, schema, write) => {
  const fields = fieldsOf(schema)
    .map(({ path }) => path)
    .filter((path) => path !== '$schema')
  const unsaid = fields.filter((path) => write[path] === undefined && write[path.replace(/\.\*$/, '')] === undefined)
  expect(unsaid).toEqual([])
  expect(Object.keys(write).filter((path) => path !== '' && !fields.includes(path))).toEqual([])
})

test("the chains in docs/install.md are configurations: every secret's variable set, nothing is refused", () => {
  const examples = [...readFileSync('docs/install.md', 'utf8').matchAll(/^```json\n(\{\n {2}"chain"[\s\S]*?)\n```/gm)]
  expect(examples).toHaveLength(2)
  for (const [, json = ''] of examples) {
    const variables = [...json.matchAll(/"env": "(\w+)"/g)].map(([, name = '']) => [name, `a secret of ${name}`])
    expect(parseConfig(json, Object.fromEntries(variables)).nodes.length).toBeGreaterThan(0)
  }
})
