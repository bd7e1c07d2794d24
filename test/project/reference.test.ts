import { existsSync, readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { expectedOfApp } from '../../lib/cdk/app-expected.ts'
import { appSchema } from '../../lib/cdk/app-schema.ts'
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
