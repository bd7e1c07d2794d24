import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { plain } from '../../lib/terminal/paint.ts'
import { renderWatch } from '../../lib/terminal/render-watch.ts'
import { type Order, type Pressed, press, type Screen } from '../../lib/terminal/watch-keys.ts'
import { failover, happy, snapshots, unknown } from '../page/snapshots.ts'

/** What a sequence of keys comes to. */
function type(keys: readonly string[], snapshot = happy): Pressed & { readonly orders: readonly Order[] } {
  const orders: Order[] = []
  let pressed: Pressed = { screen: { shows: 'status' } }
  for (const key of keys) {
    pressed = press(pressed.screen, key, snapshot)
    if (pressed.order) orders.push(pressed.order)
  }
  return { ...pressed, orders }
}

test.each<[string[], Order]>([
  [['p', 'y'], { act: 'pause', input: {} }],
  [['r', 'y'], { act: 'resume', input: {} }],
  [['h', 'y'], { act: 'hold', input: { node: 'seq-a' } }],
  [['t', '2', 'y'], { act: 'switchover', input: { to: 'seq-c' } }],
  [['t', '\r', 'y'], { act: 'switchover', input: { to: 'seq-b' } }],
])('%j orders %j', (keys, order) => {
  expect(type(keys).orders).toEqual([order])
})

test.each([
  [['p', 'n']],
  [['p', '\u001b']],
  [['p', 'p']],
  [['p', '\r']],
  [['t', '9', 'y']],
  [['t', 'y']],
  [['t', '1', '\r']],
  [['y']],
])('%j orders nothing', (keys) => {
  expect(type(keys).orders).toEqual([])
})

test('no keys order an act without a y right after its question', () => {
  const keys = fc.array(fc.constantFrom(...'tprhdl?q123ynx', '\r', '\u001b'), { maxLength: 12 })
  fc.assert(
    fc.property(keys, (keys) => {
      let screen: Screen = { shows: 'status' }
      for (const key of keys) {
        const asked = screen.question
        const { screen: next, order } = press(screen, key, happy)
        if (order) expect([key, asked?.asks]).toEqual(['y', 'confirm'])
        screen = next
      }
    }),
  )
})

test('q quits, but answers a question with no; Ctrl-C always quits', () => {
  expect(type(['q']).quit).toBe(true)
  expect(type(['p', 'q'])).toMatchObject({ orders: [], screen: { message: 'nothing was changed' } })
  expect(type(['p', 'q']).quit).toBeUndefined()
  expect(type(['p', '\u0003']).quit).toBe(true)
})

test('before the first observation no act is offered', () => {
  for (const key of ['p', 'r', 'h', 't'])
    expect(press({ shows: 'status' }, key, undefined).screen.question).toBeUndefined()
})

test('without a leader nothing is pinned', () => {
  expect(type(['h', 'y'], unknown).orders).toEqual([])
})

test('a node that is not eligible is offered last, and says so', () => {
  expect(type(['t'], failover).screen.question?.text).toMatch(/seq-[abc] \(not eligible\) · Esc no$/)
})

describe.each(Object.entries(snapshots))('the screen of %s', (_, snapshot) => {
  test.each(['status', 'explanation', 'history', 'keys'] as const)('%s fits 80 columns', (shows) => {
    const { now } = snapshot.view
    const { body, foot } = renderWatch({ screen: { shows }, snapshot, failure: undefined, now }, plain, 80)
    expect(`${body}\n${foot}`.split('\n').filter((line) => line.length > 80)).toEqual([])
    expect(foot).toMatch(/^t transfer .*q quit$/)
  })
})

test('what went wrong with an observation stays beside the last one', () => {
  const now = happy.view.now + 3_000
  const watched = { screen: { shows: 'status' }, snapshot: happy, failure: 'no answer', now } as const
  const { body } = renderWatch(watched, plain, 80)
  expect(body).toContain('Not observed: no answer')
  expect(body).toContain('seq-a sequences')
})
