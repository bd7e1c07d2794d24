import type { Step } from './context.ts'
import type { ResequenceRequest } from './request.ts'
import { backup } from './steps/backup.ts'
import { capture } from './steps/capture.ts'
import { check } from './steps/check.ts'
import { halt } from './steps/halt.ts'
import { reachL1, startL1Clients, stopL1Clients } from './steps/l1-clients.ts'
import { l1Rollback } from './steps/l1-rollback.ts'
import { recover, settle } from './steps/recover.ts'
import { resequence } from './steps/resequence.ts'
import { confirm, followers, start } from './steps/start.ts'
import { stop, stopAgain } from './steps/stop.ts'
import { unwind } from './steps/unwind.ts'
import { verify } from './steps/verify.ts'

const toTheEdge = [stop, backup, l1Rollback, unwind] as const
const backToWork = [verify, stopAgain, start, confirm, followers, startL1Clients, reachL1] as const

/**
 * The steps of a run, in order. From the stream: cdk-erigon's own procedure. From L1: halt, let everything reach L1,
 * roll back there, and let the node rebuild its batches in recovery mode.
 */
export const plans: Readonly<Record<ResequenceRequest['from'], readonly Step[]>> = {
  stream: [check, stopL1Clients, halt, capture, ...toTheEdge, resequence, ...backToWork],
  l1: [check, halt, settle, stopL1Clients, capture, ...toTheEdge, recover, ...backToWork],
}
