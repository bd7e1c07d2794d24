import type { Drill } from './drill.ts'
import { a1 } from './outages/a1-unready-target.ts'
import { a2 } from './outages/a2-commits-not-wired.ts'
import { a3 } from './outages/a3-last-standby.ts'
import { a4 } from './outages/a4-two-blocks-at-one-height.ts'
import { a5 } from './outages/a5-two-unhealthy-nodes.ts'
import { a6 } from './outages/a6-start-at-another-head.ts'
import { a7 } from './outages/a7-clock-skew.ts'
import { b1 } from './outages/b1-l1-stands-still.ts'
import { b2 } from './outages/b2-l1-fork-not-understood.ts'
import { b3 } from './outages/b3-l1-provider-stale.ts'
import { b4 } from './outages/b4-sequencer-stays-stopped.ts'
import { b5 } from './outages/b5-receipts-trusted.ts'
import { b6 } from './outages/b6-l1-minority.ts'
import { b7 } from './outages/b7-l1-reorg-missed.ts'
import { c1 } from './outages/c1-batches-never-land.ts'
import { c2 } from './outages/c2-signer-refuses.ts'
import { c3 } from './outages/c3-batches-revert.ts'
import { c4 } from './outages/c4-backlog-grows.ts'
import { c5 } from './outages/c5-batcher-without-ether.ts'
import { c6 } from './outages/c6-window-expired.ts'
import { d1 } from './outages/d1-invalid-block.ts'
import { d2 } from './outages/d2-new-version-diverges.ts'
import { d3 } from './outages/d3-verifier-disagrees.ts'
import { d4 } from './outages/d4-crash-after-gossip.ts'
import { d5 } from './outages/d5-all-lost-final-blocks.ts'
import { d6 } from './outages/d6-safety-stop.ts'
import { d7 } from './outages/d7-resequenced.ts'
import { e1 } from './outages/e1-inclusion-drops.ts'
import { e2 } from './outages/e2-three-verdicts.ts'
import { e3 } from './outages/e3-manual-halt.ts'
import { e4 } from './outages/e4-our-own-store-gone.ts'
import { e5 } from './outages/e5-finality-stalls.ts'
import { e6 } from './outages/e6-expired-certificate.ts'

/** Every public outage we know of, by kind of cause. */
export const outages: readonly Drill[] = [
  a1,
  a2,
  a3,
  a4,
  a5,
  a6,
  a7,
  b1,
  b2,
  b3,
  b4,
  b5,
  b6,
  b7,
  c1,
  c2,
  c3,
  c4,
  c5,
  c6,
  d1,
  d2,
  d3,
  d4,
  d5,
  d6,
  d7,
  e1,
  e2,
  e3,
  e4,
  e5,
  e6,
]
