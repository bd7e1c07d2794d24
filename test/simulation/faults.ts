import { apply } from './effects.ts'
import type { Effect, Fault } from './plan.ts'
import type { Moment } from './store-network.ts'
import type { World } from './world.ts'

/** Lets the plan's faults strike: those with a time at that time, the others when their moment comes. */
export class Faults {
  readonly #world: World
  readonly #armed: { readonly fault: Fault; left: number }[] = []
  #healed = false

  constructor(world: World) {
    this.#world = world
    for (const fault of world.plan.faults) {
      world.scheduler.after(fault.at, () => {
        if (fault.on) this.#armed.push({ fault, left: fault.on.nth })
        else this.#strike(fault, '')
      })
    }
  }

  moment(operation: string, moment: Moment, actor: string): void {
    for (const armed of this.#armed) {
      const { on } = armed.fault
      if (!on || on.operation !== operation || on.moment !== moment || armed.left <= 0 || --armed.left > 0) continue
      this.#strike(armed.fault, actor)
    }
  }

  heal(): void {
    this.#healed = true
  }

  #strike({ effect, ms }: Fault, actor: string): void {
    const { journal, scheduler, referee } = this.#world
    // Before there is a record Baton believes what each node says of its own head, and blocks are with the nodes alone.
    const tooEarly = ['lie', 'lose-blocks', 'crash-execution'].includes(effect.do) && referee.head === undefined
    if (this.#healed || tooEarly) return
    const meant: Effect = 'target' in effect && effect.target === '*' ? { ...effect, target: actor } : effect
    journal.note('FAULT', () => `${JSON.stringify(meant)} for ${ms} ms`)
    journal.reach(`fault ${meant.do}`)
    const undo = apply(this.#world, meant)
    scheduler.after(ms, () => {
      if (this.#healed) return
      journal.note('FAULT', () => `over: ${JSON.stringify(meant)}`)
      undo()
    })
  }
}
