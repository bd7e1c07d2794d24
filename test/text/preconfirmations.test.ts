import { expect, test } from 'vitest'
import type { Snapshot } from '../../lib/context/inspect.ts'
import { renderDetails } from '../../lib/page/render-banner.ts'
import type { Builder } from '../../lib/protocol/builder.ts'
import { decide } from '../../lib/protocol/decide.ts'
import { plain } from '../../lib/terminal/paint.ts'
import { renderStatus } from '../../lib/terminal/render-status.ts'
import { formatPreconfirmations } from '../../lib/text/preconfirmations.ts'
import { T, view } from '../protocol/scene.ts'

function snapshot(builders?: Readonly<Record<string, Builder>>): Snapshot {
  const seen = { ...view(), ...(builders && { builders }) }
  return { chain: { id: '901', name: 'test' }, view: seen, decision: decide(seen), history: [], blocks: [] }
}
const heard: Builder = { streams: true, stream: { open: true, since: T - 9_000, heardAt: T + 300 } }

test.each<[string, Readonly<Record<string, Builder>> | undefined, string | undefined]>([
  ['nothing is configured', undefined, undefined],
  ['only health is', { a: { streams: false } }, undefined],
  ['heard', { a: heard }, 'streamed by a, the last 0.2 s ago; a move drops those after block 100, up to 2.0 s of them'],
  [
    'not listened to',
    { a: { streams: true } },
    'streamed by a; a move drops those after block 100, up to 2.0 s of them',
  ],
  ['the leader has none', { a: { streams: false }, b: heard }, 'a leads and streams none'],
])('%s', (_, builders, expected) => {
  expect(formatPreconfirmations(snapshot(builders))).toBe(expected)
})

test('status and page say it', () => {
  expect(renderStatus(snapshot({ a: heard }), plain)).toMatch(/Flashblocks: +streamed by a, the last/)
  expect(renderStatus(snapshot(), plain)).not.toContain('Flashblocks')
  expect(String(renderDetails(snapshot({ a: heard })).text)).toContain('streamed by a, the last')
})
