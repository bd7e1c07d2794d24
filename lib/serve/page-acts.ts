import { awaitSwitchover } from '../operations/switchover/await.ts'
import { configuredNode } from '../operator/configured-node.ts'
import { UnfinishedActError } from '../operator/errors.ts'
import { formatMet, hold, pause, resume } from '../operator/modes.ts'
import { setQuarantine } from '../operator/quarantine.ts'
import { switchover } from '../operator/switchover.ts'
import { askedOf } from '../operator/switchover-once.ts'
import type { Acts, Faults } from '../page/acts.ts'
import { type ProcedureParts, pageProcedures } from './page-procedures.ts'

/** What the acts of a page work with; faults are for simulated nodes. */
export type ActsParts = ProcedureParts & { readonly faults: Faults | undefined }

/** The acts of the local page, on the chain itself. */
export function pageActs({ ports, operator, runner, faults }: ActsParts): Acts {
  return {
    pause: async () => {
      const lease = await pause(ports, operator)
      return `paused by ${lease.modeBy}${formatMet(lease)}`
    },
    resume: async () => {
      const lease = await resume(ports, operator)
      return `resumed by ${lease.modeBy}${formatMet(lease)}`
    },
    hold: async () => {
      const lease = await hold(ports, operator)
      return `pinned to ${lease.leader}${formatMet(lease)}`
    },
    switchover: async ({ to }) => {
      const asked = askedOf(await switchover(ports, { by: operator, ...(to !== undefined && { to }) }))
      const { message, exit } = await awaitSwitchover(ports, asked)
      if (exit === 'failed' || exit === 'refused') throw new UnfinishedActError(message, 'see the history below')
      return message
    },
    quarantine: async ({ node }) => {
      await setQuarantine(ports, configuredNode(ports.nodes, node).name, 'taken out on the page', operator)
      return `${node} is out of eligibility`
    },
    release: async ({ node }) => {
      await setQuarantine(ports, configuredNode(ports.nodes, node).name, undefined, operator)
      return `${node} is put back`
    },
    ...(faults && { fault: ({ node, kind }) => faults.apply(node, kind) }),
    procedures: pageProcedures({ ports, operator, runner }),
  }
}
