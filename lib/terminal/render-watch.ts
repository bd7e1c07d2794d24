import type { Snapshot } from '../context/inspect.ts'
import { printable, printableColoured } from '../protocol/printable.ts'
import { formatClock } from '../text/format.ts'
import type { Paint } from './paint.ts'
import { renderExplanation } from './render-explanation.ts'
import { renderStatus } from './render-status.ts'
import { renderHistory } from './render-table.ts'
import { KEYS, keyMeanings, type Screen } from './watch-keys.ts'
import { wrap } from './wrap.ts'

/** What the screen of `baton watch` is made from. */
export type Watched = {
  readonly screen: Screen
  /** The latest observation; absent = none yet. */
  readonly snapshot: Snapshot | undefined
  /** Why the last observation failed. */
  readonly failure: string | undefined
  /** Unix ms. */
  readonly now: number
}

/** The screen of `baton watch`; its foot is what came of the last act, and the question or the keys. */
export function renderWatch(
  { screen, snapshot, failure, now }: Watched,
  paint: Paint,
  width = Number.POSITIVE_INFINITY,
): { readonly body: string; readonly foot: string } {
  const { question, message } = screen
  const age = snapshot ? `, seen ${formatClock(snapshot.view.now)}` : ''
  const clock = paint('quiet', `${formatClock(now)} UTC, every second${age}`)
  const wrong = failure === undefined ? [] : [paint('bad', wrap(`Not observed: ${printable(failure)}`, width))]
  const shown = message === undefined ? [] : [paint('bold', wrap(printable(message), width))]
  const last = question ? paint('warn', wrap(question.text, width)) : paint('quiet', wrap(KEYS, width))
  return {
    body: [clock, ...wrong, content(screen, snapshot, paint, width), ''].join('\n'),
    foot: [...shown, last].join('\n'),
  }
}

function content({ shows }: Screen, snapshot: Snapshot | undefined, paint: Paint, width: number): string {
  if (shows === 'keys') return keyMeanings.map(([key, meaning]) => `  ${key.padEnd(12)} ${meaning}`).join('\n')
  if (!snapshot) return 'observing…'
  if (shows === 'explanation') return printableColoured(renderExplanation(snapshot, paint, width))
  if (shows === 'history') return printableColoured(renderHistory(snapshot.history.toReversed(), width))
  return printableColoured(renderStatus(snapshot, paint, width))
}
