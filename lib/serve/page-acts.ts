import { awaitSwitchover } from '../operations/switchover/await.ts'
import { acts } from '../operator/acts.ts'
import { UnfinishedActError } from '../operator/errors.ts'
import type { Acts, Faults } from '../page/acts.ts'
import { type ProcedureParts, pageProcedures } from './page-procedures.ts'

/** What the acts of a page work with; faults are for simulated nodes. */
export type ActsParts = ProcedureParts & { readonly faults: Faults | undefined }

/** The acts of the local page, on the chain itself. A switchover resolves with its result. */
export function pageActs({ ports, operator, runner, faults }: ActsParts): Acts {
  return {
    async operate(name, input) {
      const done = await acts[name].run(ports, input, operator)
      if (!done.asked) return done.message
      const { message, exit } = await awaitSwitchover(ports, done.asked)
      if (exit === 'failed' || exit === 'refused') throw new UnfinishedActError(message, 'see the history below')
      return message
    },
    ...(faults && { fault: ({ node, kind }) => faults.apply(node, kind) }),
    procedures: pageProcedures({ ports, operator, runner }),
  }
}
