import type { StepResult } from './host.ts'

/** What a step on a machine came to, and what was seen of one of its processes meanwhile. */
export type WatchedStep = StepResult & {
  /** Whether the process was seen to refuse connections while the step ran. */
  readonly wentDown: boolean
}

/** How often a process is looked at while a step runs: a restart may be over in a tenth of a second. */
const WATCH_MS = 25

/**
 * Runs a prepared step, and looks at one of the machine's processes until it ends: an exit code proves nothing, and a
 * process that was never away is the one that ran before.
 *
 * @param isDown whether the process refuses connections now; one that is silent does not. Never throws.
 * @throws what the step throws.
 */
export async function watchStep(
  run: () => Promise<StepResult>,
  isDown: () => Promise<boolean>,
  clock: { sleep(ms: number): Promise<void> },
): Promise<WatchedStep> {
  let wentDown = false
  let done = false
  // Begun before the first look: a quick restart is over before the second.
  const ended = run().finally(() => {
    done = true
  })
  const watch = async () => {
    while (!done) {
      if (await isDown()) wentDown = true
      await clock.sleep(WATCH_MS)
    }
  }
  const [result] = await Promise.all([ended, watch()])
  return { ...result, wentDown }
}
