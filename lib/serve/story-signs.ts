import * as v from 'valibot'
import type { Ticked } from '../monitor/tick.ts'
import { formatReasons } from '../text/format.ts'

const sign = v.object({ at: v.number(), text: v.pipe(v.string(), v.maxLength(2_000)) })

/** Per term: the first sign of trouble before it, and when it was decided on. */
export const signsSchema = v.array(
  v.object({ term: v.number(), firstSign: v.optional(sign), decidedAt: v.optional(v.number()) }),
)
type Sign = v.InferOutput<typeof sign>

/** Signs kept. */
const MOST = 60
/** A term older than this when it is first seen began before this process: what led to it is not known here. */
const FRESH_MS = 10_000

/** Keeps when the leader first looked wrong, until the next term shows that it mattered. */
export type Signs = {
  onTick(ticked: Ticked): void
  all: v.InferOutput<typeof signsSchema>
}

export function signs(): Signs {
  let trouble: (Sign & { readonly term: number }) | undefined
  const kept: Signs = {
    all: [],
    onTick({ view, decision }) {
      const { head, lease, now } = view
      if (!head || !lease) return
      if (kept.all.at(-1)?.term !== lease.term && now - lease.grantedAt < FRESH_MS) {
        const asked = lease.cause.code === 'switchover'
        const firstSign = asked
          ? undefined
          : firstOf(lease.grantedAt, silenceOf(view, lease.previousLeader), before(lease.term))
        kept.all = [
          ...kept.all,
          { term: lease.term, decidedAt: lease.grantedAt, ...(firstSign && { firstSign }) },
        ].slice(-MOST)
      }
      const { condition } = decision
      if (condition === 'ok' || condition === 'observing' || head.term !== lease.term) trouble = undefined
      else if (trouble?.term !== head.term)
        trouble = { term: head.term, at: now, text: formatReasons(decision.reasons.slice(0, 2)) }
    },
  }
  return kept

  function before(term: number): Sign | undefined {
    return trouble?.term === term - 1 ? { at: trouble.at, text: trouble.text } : undefined
  }
}

/** Since when a client of this node has not answered well. */
function silenceOf({ observed }: Ticked['view'], node: string): Sign | undefined {
  const known = observed[node]
  const failing = (['consensus', 'execution'] as const).flatMap((client) => {
    const streak = known?.[client]
    return streak && streak.result !== 'ok' ? [{ client, ...streak }] : []
  })
  const [first] = failing.toSorted((a, b) => a.since - b.since)
  if (!first) return undefined
  return { at: first.since, text: `${node}: the ${first.client} client was first seen to fail (${first.result})` }
}

/** The earliest sign before the grant. */
function firstOf(grantedAt: number, ...found: readonly (Sign | undefined)[]): Sign | undefined {
  return found.flatMap((each) => (each && each.at <= grantedAt ? [each] : [])).toSorted((a, b) => a.at - b.at)[0]
}
