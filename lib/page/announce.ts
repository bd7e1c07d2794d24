import type { Snapshot } from '../context/inspect.ts'
import { formatReason } from '../text/format.ts'
import { stateNames, stateOf } from '../text/state.ts'
import { summarize } from '../text/summary.ts'

/**
 * What a screen reader says when the state changes. `key` stays the same while only ages and counts change, so that
 * nothing is said again and again.
 */
export type Announcement = { readonly key: string; readonly text: string }

export function announce(snapshot: Snapshot): Announcement {
  const { decision, view } = snapshot
  const state = stateOf(snapshot)
  const codes = decision.page.map(({ code, node = '' }) => `${code} ${node}`)
  const why = decision.page[0] && formatReason(decision.page[0])
  return {
    key: [state, view.head?.leader ?? '', ...codes].join('|'),
    text: `${stateNames[state]}. ${summarize(snapshot).headline}.${why === undefined ? '' : ` Needs a person: ${why}.`}`,
  }
}
