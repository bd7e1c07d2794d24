import { describe, expect, test } from 'vitest'
import { kindOf, OVERRIDDEN, overriddenNode, UNDER_WAY, versionOf } from '../../lib/protocol/quarantine.ts'
import { decideScene, T } from './scene.ts'

const written = { since: T, by: 'ann' }

describe('what took a node out', () => {
  test.each([
    ['a recovery at work', 'crash recovery', 'recovery'],
    ['a recovery that gave up', 'crash recovery failed: no method is left', 'recovery-failed'],
    ['an override', 'publishes without commits (override): its op-node must be restarted', 'override'],
    ['an upgrade', 'upgrade to v1.16.11', 'upgrade'],
    ['a person', 'bad disk', 'operator'],
    ['a person, of an upgrade', 'upgrade to v2 of its kernel', 'operator'],
  ])('in a record of the version before there was a kind: %s', (_, why, kind) => {
    expect(kindOf({ ...written, why })).toBe(kind)
  })

  test.each([UNDER_WAY, OVERRIDDEN, 'upgrade to v2', 'crash recovery failed: x'])(
    'the words of a person are only words: "%s"',
    (why) => {
      expect(kindOf({ ...written, why, kind: 'operator' })).toBe('operator')
      expect(versionOf({ ...written, why, kind: 'operator' })).toBeUndefined()
    },
  )

  test('the kind counts, whatever the words; one of a later version is for a person', () => {
    expect(kindOf({ ...written, why: 'other words', kind: 'recovery' })).toBe('recovery')
    expect(kindOf({ ...written, why: UNDER_WAY, kind: 'of-tomorrow' })).toBe('operator')
  })

  test('the version of an upgrade is data; in a record from before, its words', () => {
    expect(versionOf({ ...written, why: 'other words', kind: 'upgrade', version: 'v3' })).toBe('v3')
    expect(versionOf({ ...written, why: 'upgrade to v2' })).toBe('v2')
    expect(versionOf({ ...written, why: 'bad disk' })).toBeUndefined()
  })

  test('which node publishes without commits', () => {
    const a = { ...written, why: 'bad disk', kind: 'operator' }
    expect(overriddenNode({ a })).toBeUndefined()
    expect(overriddenNode({ a, b: { ...written, why: OVERRIDDEN } })?.node).toBe('b')
    expect(overriddenNode({ a, b: { ...written, why: 'other words', kind: 'override' } })?.node).toBe('b')
  })
})

describe('a leader that stands still', () => {
  const decide = (entry: object) => {
    const quarantine = { a: { ...written, why: UNDER_WAY, ...entry } }
    return decideScene({ a: { sequencing: false }, lease: { quarantine } }).commands.map(({ act }) => act)
  }
  test('is not started while a recovery works on it, by a record of either version', () => {
    expect(decide({ kind: 'recovery', owner: 'x', heardAt: T })).toEqual(['grant'])
    expect(decide({})).toEqual(['grant'])
  })
  test('is started when a person wrote the words of a recovery', () => {
    expect(decide({ kind: 'operator' })).toEqual(['start'])
  })
})
