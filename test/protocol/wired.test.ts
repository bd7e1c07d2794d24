import { expect, test } from 'vitest'
import { brief, decideScene } from './scene.ts'

const eligible = (scene: Parameters<typeof decideScene>[0]) =>
  decideScene(scene).verdicts.flatMap(({ node, eligible }) => (eligible ? [node] : []))

test('a standby that asks no conductor is paged for before it is needed, and is not eligible', () => {
  const scene = { b: { conductor: false } }
  expect(brief(decideScene(scene))).toMatchObject({ condition: 'ok', page: 'no-conductor' })
  expect(eligible(scene)).not.toContain('b')
})

test.each([
  ['before commits flow: it is being installed', { lease: { armedAt: 0 } }],
  ['put aside by a person', { lease: { quarantine: { b: { since: 0, why: 'x', by: 'y' } } } }],
])('no page %s', (_, more) => {
  const scene = { b: { conductor: false }, ...more }
  expect(brief(decideScene(scene)).page ?? '').not.toContain('no-conductor')
  expect(eligible(scene)).not.toContain('b')
})
