import { aftermath } from './aftermath.ts'
import { checkQuiet, grows, readable } from './endings.ts'
import { Faults } from './faults.ts'
import { heal } from './heal.ts'
import { Journal } from './journal.ts'
import { makePlan } from './make-plan.ts'
import type { Plan } from './plan.ts'
import { EPOCH, Scheduler } from './scheduler.ts'
import type { Moment, OnMoment } from './store-network.ts'
import { withVirtualTimers } from './virtual-timers.ts'
import { begin, setUp } from './world.ts'

/** What one history came to. */
export type Outcome = Pick<Journal, 'violation' | 'reached' | 'lines' | 'digest'> & {
  readonly plan: Plan
  readonly events: number
  /** Virtual ms it took. */
  readonly ms: number
}

/** Runs one history: from nothing, through its faults, to a chain that grows again. */
export async function runHistory(plan: Plan, options: { readonly keepLines?: boolean } = {}): Promise<Outcome> {
  const scheduler = new Scheduler()
  const journal = new Journal(scheduler, options.keepLines ?? false)
  let onMoment: OnMoment = () => {}
  await withVirtualTimers(scheduler, async () => {
    const world = setUp(plan, scheduler, journal, (...moment) => onMoment(...moment))
    const faults = new Faults(world)
    const watch = watchFlights(world.journal)
    onMoment = (operation, moment, actor) => {
      watch(operation, moment)
      faults.moment(operation, moment, actor)
    }
    journal.reach(`chain of ${plan.nodes.length}`)
    begin(world)
    await scheduler.run(EPOCH + plan.healAt)
    faults.heal()
    if (journal.violation) return
    await grows(world, heal(world))
    if (!journal.violation) await aftermath(world)
    if (!journal.violation) checkQuiet(world)
    if (!journal.violation) await readable(world)
  })
  return {
    plan,
    violation: journal.violation,
    reached: journal.reached,
    lines: journal.lines,
    digest: journal.digest,
    events: scheduler.events,
    ms: journal.now(),
  }
}

/** The history of a seed. */
export const runSeed = (seed: number, options: { readonly keepLines?: boolean } = {}) =>
  runHistory(makePlan(seed), options)

/** Counts commits that are on their way while a fence is applied. */
function watchFlights(journal: Journal): (operation: string, moment: Moment) => void {
  let flying = 0
  return (operation, moment) => {
    if (operation === 'commit' && moment === 'sent') flying++
    if (operation === 'commit' && moment === 'answered') flying--
    if (operation === 'fence' && moment === 'applied' && flying > 0) journal.reach('fence while a commit is in flight')
  }
}
