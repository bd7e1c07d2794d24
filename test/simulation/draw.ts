import type { Random } from './random.ts'

type Weighted<T> = readonly (readonly [weight: number, value: T])[]

/** Picks one value, each as likely as its weight. */
export function draw<T>(random: Random, weighted: Weighted<T>): T {
  let left = random.next() * weighted.reduce((sum, [weight]) => sum + weight, 0)
  for (const [weight, value] of weighted) {
    left -= weight
    if (left < 0) return value
  }
  const last = weighted.at(-1)
  if (last === undefined) throw new Error('nothing to draw from')
  return last[1]
}
