import { describe, expect, test } from 'vitest'
import { decide } from '../../lib/protocol/decide.ts'
import { brief, T } from './scene.ts'
import { damaged, reported, type Story, seenAfter, stands, takes } from './story.ts'

describe('a leader whose blocks reach no node', () => {
  const story: Story = { slots: 5, standbys: [stands, stands] }

  test('is named, paged for, and sequencing moves to a fit node', () => {
    const decision = decide(seenAfter(story))
    expect(brief(decision)).toMatchObject({ condition: 'moving', acts: 'grant b', page: 'isolated' })
    expect(decision.page[0]).toMatchObject({ node: 'a', evidence: { nodes: 'b, c', peers: 0 } })
    expect(decision.commands[0]).toMatchObject({ grant: { automatic: true, cause: { code: 'isolated' } } })
  })

  test('its standbys are never called damaged', () => {
    for (const slots of [5, 9, 20, 200]) expect(damaged({ ...story, slots })).toEqual([])
  })

  test.each([
    [250, 12],
    [1_000, 4],
    [2_000, 4],
  ])('%i ms blocks: reported within %i slots and a half, and not before two', (blockTimeMs, slots) => {
    expect(reported({ ...story, blockTimeMs, slots: 2 })).toMatchObject({ condition: 'ok' })
    expect(reported({ ...story, blockTimeMs, slots: slots + 1 })).toMatchObject({ page: 'isolated' })
  })

  test.each<[string, Partial<Story>, object]>([
    [
      'peers, but nothing arrives: the others may refuse its blocks',
      { peers: 7 },
      { condition: 'degraded', acts: '', page: 'isolated' },
    ],
    ['it does not report its peers', { peers: null }, { condition: 'degraded', acts: '', page: 'isolated' }],
    ['two nodes', { standbys: [stands] }, { acts: 'grant b', page: 'isolated' }],
    ['five nodes', { standbys: [stands, stands, stands, stands] }, { acts: 'grant b', page: 'isolated' }],
    ['one is down', { standbys: [{ ...stands, down: true }, stands] }, { acts: 'grant c', page: 'isolated' }],
    [
      'two nodes, and neither has peers: a move would not help',
      { standbys: [{ ...stands, peers: 0 }] },
      { condition: 'degraded', acts: '', page: 'isolated' },
    ],
    [
      'soon after a move',
      { lease: { grants: [T - 5_000], grantedAt: T - 5_000 } },
      { condition: 'degraded', acts: '' },
    ],
    ['cooling down', { lease: { cooldownUntil: T + 40_000 } }, { condition: 'degraded', acts: '' }],
    [
      'budget used up',
      { lease: { grants: Array(12).fill(T - 600_000), grantedAt: 0 } },
      { condition: 'degraded', acts: '' },
    ],
    ['paused', { lease: { mode: 'paused' } }, { condition: 'degraded', acts: '' }],
    ['pinned', { lease: { mode: 'hold' } }, { condition: 'degraded', acts: '' }],
    ['no other is fit', { policy: { maxLag: 3n } }, { condition: 'degraded', acts: '' }],
  ])('%s', (_, more, expected) => {
    expect(reported({ ...story, ...more })).toMatchObject({ page: 'isolated', ...expected })
  })

  test('peers are not counted: a page, and no move', () => {
    const policy = { minPeers: 0 }
    expect(reported({ ...story, policy })).toMatchObject({ condition: 'degraded', acts: '', page: 'isolated' })
    expect(reported({ ...story, policy, standbys: [stands] })).toMatchObject({ condition: 'degraded', acts: '' })
  })
})

describe('a switchover that is pending hides nothing', () => {
  const story: Story = { slots: 5, standbys: [stands, stands] }
  const tonight = { id: 's', to: 'c', notBefore: T + 36_000_000, by: 'ann', force: false, askedAt: T }

  test('scheduled for tonight: a leader without peers is left all the same', () => {
    const at = reported({ ...story, lease: { switchover: tonight } })
    expect(at).toMatchObject({ condition: 'moving', acts: 'grant b', page: 'isolated' })
    expect(at.why).toContain('switchover-scheduled')
  })

  test('scheduled for tonight: a leader with peers is paged for', () => {
    const at = reported({ ...story, peers: 7, lease: { switchover: tonight } })
    expect(at).toMatchObject({ condition: 'degraded', acts: '', page: 'isolated' })
  })

  test('waiting for a commit: paged for, and nothing else moves', () => {
    const now = { ...tonight, notBefore: 0, force: true, latest: T + 90_000_000 }
    const view = seenAfter({ ...story, lease: { switchover: now } })
    const decision = decide({ ...view, now: view.now + 900 })
    expect(decision.reasons.map(({ code }) => code)).toContain('block-boundary')
    expect(brief(decision)).toMatchObject({ condition: 'degraded', page: 'isolated' })
    expect(decision.commands.map(({ act }) => act)).not.toContain('grant')
  })
})

describe('standbys with reasons of their own', () => {
  test.each<[string, Partial<Story>]>([
    ['one takes them', { standbys: [stands, takes] }],
    ['all are far behind, on their way', { standbys: [{ at: (k) => 10 + k }, { at: (k) => 20 + 3 * k }] }],
    [
      'they sync',
      {
        standbys: [
          { ...stands, syncing: true },
          { ...stands, syncing: true },
        ],
      },
    ],
    [
      'they lost their state',
      {
        standbys: [
          { ...stands, stored: true },
          { ...stands, stored: true },
        ],
      },
    ],
    [
      'they are down',
      {
        standbys: [
          { ...stands, down: true },
          { ...stands, down: true },
        ],
      },
    ],
    ['a chain of one', { standbys: [] }],
    ['they follow L1 only', { peers: null, standbys: [stands, stands].map((s) => ({ ...s, safe: () => 100 })) }],
    ['they stood still before this leader began', { peers: 5, since: 4, slots: 9 }],
    [
      'they are quarantined',
      { lease: { quarantine: { b: { since: T, why: 'x', by: 'y' }, c: { since: T, why: 'x', by: 'y' } } } },
    ],
    ['no node is late by more than two blocks', { standbys: [{ at: (k) => 98 + k }, { at: (k) => 98 + k }] }],
  ])('%s: not isolated', (_, more) => {
    const { condition, page, why } = reported({ slots: 8, standbys: [stands, stands], ...more })
    expect(why).not.toContain('isolated')
    expect(condition).toMatch(/ok|degraded/)
    expect(page ?? '').not.toContain('isolated')
  })

  test('a single standby that stands still beside a leader with peers: reported, not moved; after a minute it is damaged', () => {
    const story: Story = { slots: 10, peers: 3, standbys: [stands] }
    expect(reported(story)).toMatchObject({ condition: 'degraded', acts: '', page: 'isolated' })
    expect(damaged(story)).toEqual([])
    expect(damaged({ ...story, slots: 40 })).toEqual(['b not-progressing'])
  })

  test('one stands still while others take the blocks: damaged, as ever', () => {
    expect(damaged({ slots: 12, peers: 3, standbys: [stands, takes] })).toEqual(['b not-progressing'])
  })

  test('unless it has no peers: that is reported, and no damage', () => {
    const story: Story = { slots: 12, peers: 3, standbys: [{ ...stands, peers: 0 }, takes] }
    expect(damaged(story)).toEqual([])
    expect(reported(story)).toMatchObject({ condition: 'ok', acts: '', page: 'no-peers' })
  })
})

test('fewer peers than the policy wants are reported, though blocks arrive', () => {
  const story: Story = { slots: 5, peers: 2, standbys: [takes, takes] }
  expect(reported({ ...story, policy: { minPeers: 3 } })).toMatchObject({ condition: 'degraded', acts: '' })
  expect(reported({ ...story, policy: { minPeers: 3 } }).why).toContain('few-peers')
  expect(reported(story)).toMatchObject({ condition: 'ok' })
})

test.each([1_000, 2_000])(
  'an isolated leader whose standbys are too far behind to lead: both are named (%i ms blocks)',
  (blockTimeMs) => {
    const view = seenAfter({ blockTimeMs, slots: 12, peers: 2, standbys: [stands, stands], policy: { maxLag: 8n } })
    const { condition, reasons } = decide(view)
    expect(condition).toBe('degraded')
    expect(reasons.map(({ code }) => code)).toEqual(expect.arrayContaining(['isolated', 'no-candidate']))
  },
)
