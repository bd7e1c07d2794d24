import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { deskMethods } from '../../lib/gate/desk.ts'
import surface from '../fixtures/op-conductor-v1.19.6.json' with { type: 'json' }

const reference = readFileSync('docs/reference/op-conductor.md', 'utf8')

/** The names in the first cells of the table under a heading. */
function named(heading: string): string[] {
  const [, section = ''] = reference.split(`\n## ${heading}\n`)
  const rows = section.split('\n## ')[0]?.matchAll(/^\| (`.*?) \|/gm) ?? []
  return [...rows].flatMap(([, cell = '']) => [...cell.matchAll(/`([^`]+)`/g)].map(([, name = '']) => name))
}

test('Baton answers every method of op-conductor, and no other', () => {
  expect(['conductor_commitUnsafePayload', ...Object.keys(deskMethods)].toSorted()).toEqual(surface.methods)
})

test.each([
  ['Methods', surface.methods],
  ['Flags', surface.flags],
  ['Metrics', surface.metrics],
] as const)('the reference has all of them: %s', (heading, names) => {
  expect(named(heading).toSorted()).toEqual(names)
})
